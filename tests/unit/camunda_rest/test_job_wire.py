"""The wire of a worker over REST: what it sends, what it makes of what comes, and that it tries once."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from camunda_core import errors
from camunda_core.credentials import Basic, Credentials
from camunda_core.jobs import ActivatedJob, JobRequest, UnreadableJob, UserTask
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls
from camunda_rest import AsyncRestClient, RestClient, operations
from camunda_rest._activated import job_of
from camunda_rest._encoding import JsonText
from camunda_rest._invocation import DEFAULT, time_limit
from camunda_rest._job_wire import RestJobWire
from camunda_rest._request import build
from tests.fakes.rest import Exchange, RestServer, answer, close_without_answer, problem, stall

PEM = Path(__file__).parent.parent / "camunda_core" / "pem"
REQUEST = JobRequest("charge", "me", 30.5, ("a", "b"), ("t",))
JOB = ActivatedJob(job_key="2251799813685249", type="charge", retries=3)
LEASED = ActivatedJob(job_key="7", retries=3, job_lease_token="lease")
OFTEN = RetryPolicy(max_attempts=5, initial_delay=0.001, max_delay=0.002)

#: A job as 8.6.0 says it, and as later versions do.
OLD = {
    "key": 2251799813685257,
    "type": "charge",
    "processInstanceKey": 2251799813685251,
    "processDefinitionId": "order",
    "processDefinitionVersion": 1,
    "processDefinitionKey": 2251799813685250,
    "elementId": "task",
    "elementInstanceKey": 2251799813685256,
    "customHeaders": {"a": "b"},
    "worker": "me",
    "retries": 3,
    "deadline": 1790000000500,
    "variables": {"n": 1},
    "tenantId": "<default>",
}
NEW = {
    **{name: str(value) if name.endswith("Key") else value for name, value in OLD.items() if name != "key"},
    "jobKey": "2251799813685257",
    "kind": "BPMN_ELEMENT",
    "listenerEventType": "UNSPECIFIED",
    "userTask": None,
    "tags": [],
    "priority": 0,
    "jobLeaseToken": None,
    "businessId": None,
    "somethingNewer": {"x": 1},
}


def found(*listed: Any) -> Any:
    return answer(200, {"jobs": list(listed)})


@pytest_asyncio.fixture
async def wire(server: RestServer) -> AsyncIterator[RestJobWire]:
    async with AsyncRestClient(server.address, retry=OFTEN) as client:
        made = client.job_wire()
        yield made
        await made.close()


async def happened(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never happened")


async def poll(wire: RestJobWire, wait: float = 1.0) -> Any:
    return await wire.activate(REQUEST, 7, wait=wait, timeout=5)


# Activating


async def test_a_poll_says_what_is_wanted(server: RestServer, wire: RestJobWire) -> None:
    server.script(found())
    assert await poll(wire, wait=1.5) == []
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/v2/jobs/activation")
    assert request.json == {
        "type": "charge",
        "worker": "me",
        "timeout": 30_500,
        "maxJobsToActivate": 7,
        "fetchVariable": ["a", "b"],
        "requestTimeout": 1500,
        "tenantIds": ["t"],
    }


async def test_what_is_not_given_is_not_sent(server: RestServer, wire: RestJobWire) -> None:
    server.script(found())
    await wire.activate(JobRequest("charge", "", 30), 1, wait=1, timeout=5)
    assert server.requests[0].json == {
        "type": "charge",
        "timeout": 30_000,
        "maxJobsToActivate": 1,
        "requestTimeout": 1000,
    }


@pytest.mark.parametrize(("wait", "sent"), [(0, -1), (-3, -1), (0.0001, 1), (2, 2000), (60, 25_000)])
async def test_no_wait_is_said_as_below_zero_and_none_is_longer_than_the_server_keeps_a_poll(
    server: RestServer, wire: RestJobWire, wait: float, sent: int
) -> None:
    server.script(found())
    await poll(wire, wait=wait)
    assert server.requests[0].json["requestTimeout"] == sent


async def test_jobs_come_in_the_words_of_any_version(server: RestServer, wire: RestJobWire) -> None:
    server.script(found(OLD, NEW))
    old, new = await poll(wire)
    assert old == new
    assert old == ActivatedJob(
        job_key="2251799813685257",
        type="charge",
        process_instance_key="2251799813685251",
        process_definition_id="order",
        process_definition_version=1,
        process_definition_key="2251799813685250",
        element_id="task",
        element_instance_key="2251799813685256",
        custom_headers={"a": "b"},
        worker="me",
        retries=3,
        deadline=1790000000.5,
        variables={"n": 1},
        tenant_id="<default>",
    )


async def test_a_job_that_cannot_be_read_does_not_take_the_others_with_it(
    server: RestServer, wire: RestJobWire, caplog: pytest.LogCaptureFixture
) -> None:
    server.script(
        found({"jobKey": "1"}, {"type": "x"}, 3, {"jobKey": "2", "retries": "three"}, {"jobKey": "4"})
    )
    first, unreadable, last = await poll(wire)
    assert [first.job_key, last.job_key] == ["1", "4"]
    assert not isinstance(first, UnreadableJob)
    assert isinstance(unreadable, UnreadableJob)
    assert (unreadable.job_key, unreadable.retries) == ("2", 1)
    assert "job 2: retries must be an integer of 64 bits, not 'three'" in unreadable.why
    assert "a job has no jobKey" in caplog.text


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


UNREADABLE = {
    "nested": f'"variables":{{"x":{deep(100_000)}}}',
    "as deep as a gateway takes": f'"variables":{{"x":{deep(985)}}}',
    "deep where none may be": f'"variables":{deep(100_000)}',
    "deep text in a list": f'"tags":{{"x":{deep(500)}}}',
    "NaN": '"variables":{"x":NaN}',
    "infinity": '"variables":{"x":[-Infinity]}',
    "digits": f'"variables":{{"x":{"9" * 5000}}}',
    "bytes that are no UTF-8": '"variables":{"x":"caf\udce9"}',
    "no JSON": '"variables":{"x":nil}',
    "deadline": f'"deadline":{"9" * 400}',
    "deadline in digits": f'"deadline":"{"9" * 40}"',
    "deadline beyond floats": '"deadline":1e400',
    "retries": f'"retries":{"9" * 5000}',
    "a fraction": '"processDefinitionVersion":1.5',
    "truth": '"processDefinitionVersion":true',
    "a list of headers": '"customHeaders":["}],\\"jobKey\\":9"]',
}


@pytest.mark.parametrize("mark", [b"", BOM_UTF8], ids=["plain", "after a byte order mark"])
@pytest.mark.parametrize("property_", UNREADABLE.values(), ids=UNREADABLE)
async def test_one_job_that_cannot_be_read_is_known_by_its_key(
    server: RestServer, wire: RestJobWire, property_: str, mark: bytes
) -> None:
    bad = f'{{"type":"charge","jobKey":"2251799813685300","jobLeaseToken":"l",{property_},"note":"]}}{{[\\"\\u00e4"}}'
    body = f'{{"more":[{{"jobs":[1]}}],"jobs":[ {{"jobKey":"1","variables":{{"a":"}}]"}}}} , {bad},\n{{"key":3}}]}}'
    server.script(answer(200, mark + body.encode("utf-8", "surrogateescape")))
    first, unreadable, last = await poll(wire)
    assert (first.job_key, first.variables, last.job_key) == ("1", {"a": "}]"}, "3")
    assert not isinstance(first, UnreadableJob)
    if not isinstance(unreadable, UnreadableJob):
        pytest.skip("this Python reads it")
    assert (unreadable.job_key, unreadable.type) == ("2251799813685300", "charge")
    assert (unreadable.retries, unreadable.job_lease_token) == (1, "l")
    assert unreadable.why.startswith("job 2251799813685300: the answer cannot be read")
    assert len(unreadable.why) < 500


@pytest.mark.parametrize(
    "key", ["", '"jobKey":NaN,', f'"jobKey":"{"9" * 30}",', '"jobKey":"none",', '"jobKey":true,']
)
async def test_an_unreadable_job_without_a_key_is_logged(
    server: RestServer, wire: RestJobWire, caplog: pytest.LogCaptureFixture, key: str
) -> None:
    server.script(answer(200, f'{{"jobs":[{{{key}"variables":{{"x":NaN}}}},{{"jobKey":"7"}}]}}'.encode()))
    assert [job.job_key for job in await poll(wire)] == ["7"]
    assert "stays locked until its timeout" in caplog.text


WHOLE = {"retries": 3, "processDefinitionVersion": 1, "deadline": 1790000000500, "priority": 0}


@pytest.mark.parametrize("write", [float, str, lambda value: f" {value} ", lambda value: f"+{value}"])
async def test_whole_numbers_may_be_written_as_texts_and_with_a_fraction_of_zero(
    server: RestServer, wire: RestJobWire, write: Callable[[int], Any]
) -> None:
    plain = {**NEW, **WHOLE}
    server.script(found(plain, {**plain, **{name: write(value) for name, value in WHOLE.items()}}))
    expected, job = await poll(wire)
    assert job == expected
    assert type(job.retries) is int


async def test_absent_null_and_empty_are_the_same_in_a_job(server: RestServer, wire: RestJobWire) -> None:
    names = [name for name in NEW if name != "jobKey"]
    empty = {**dict.fromkeys(names, ""), "variables": {}, "customHeaders": {}, "tags": [], "userTask": None}
    server.script(found({"jobKey": "1"}, {"jobKey": "1", **dict.fromkeys(names)}, {"jobKey": "1", **empty}))
    absent, null, blank = await poll(wire)
    assert absent == null == ActivatedJob(job_key="1")
    # A lease token and a user task are None where there is none.
    assert dataclasses.replace(blank, job_lease_token=None) == absent


async def test_a_byte_order_mark_is_passed_over(server: RestServer, wire: RestJobWire) -> None:
    server.script(answer(200, BOM_UTF8 + b'{"jobs":[{"jobKey":"1"}]}'))
    assert [job.job_key for job in await poll(wire)] == ["1"]


@pytest.mark.parametrize("body", [{}, {"jobs": None}, {"jobs": []}, {"jobs": ""}, {"jobs": {}}], ids=repr)
async def test_no_list_of_jobs_is_no_jobs(server: RestServer, wire: RestJobWire, body: Any) -> None:
    server.script(answer(200, body))
    assert await poll(wire) == []


@pytest.mark.parametrize(
    "step",
    [
        answer(200, b""),
        answer(204),
        answer(200, b"[]"),
        answer(200, b'{"jo'),
        answer(200, b'{"jobs":[{"jobKey":"1"}'),
        answer(200, b'{"jobs":[{"jobKey":"1"}]}}'),
        answer(200, b"NaN"),
        answer(200, {"jobs": "some"}),
        answer(200, {"jobs": {"jobKey": "1"}}),
    ],
    ids=["no body", "204", "a list", "half", "no end", "two ends", "no object", "a text", "an object"],
)
async def test_an_answer_without_a_list_of_jobs_is_an_error(
    server: RestServer, wire: RestJobWire, step: Any
) -> None:
    server.script(step)
    with pytest.raises(errors.Internal):
        await poll(wire)


async def test_a_poll_that_the_web_layer_cut_found_nothing(server: RestServer, wire: RestJobWire) -> None:
    server.script(problem(503, "Service Unavailable"))
    assert await poll(wire) == []


async def test_a_cancelled_poll_goes_on_and_gives_back_what_it_brings(
    server: RestServer, wire: RestJobWire
) -> None:
    go_on = asyncio.Event()
    loop = asyncio.get_running_loop()

    def later(exchange: Exchange) -> bool:
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(20)
        return found({"jobKey": "1", "retries": 4}, {"jobKey": "2", "retries": 5, "jobLeaseToken": "l"})(
            exchange
        )

    server.script(later, answer(204))
    polling = asyncio.ensure_future(poll(wire))
    await happened(lambda: bool(server.requests))
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    go_on.set()
    await happened(lambda: len(server.requests) == 3)
    await wire.close()
    returned = {request.target: request.json for request in server.requests[1:]}
    assert [returned[f"/v2/jobs/{key}/failure"]["retries"] for key in (1, 2)] == [4, 5]
    assert returned["/v2/jobs/2/failure"]["jobLeaseToken"] == "l"


async def test_closing_abandons_polls_that_nobody_waits_for(server: RestServer, wire: RestJobWire) -> None:
    server.script(stall())
    polling = asyncio.ensure_future(poll(wire))
    await happened(lambda: bool(server.requests))
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    await wire.close()
    assert await asyncio.to_thread(server.closed.acquire, timeout=10)
    assert len(server.requests) == 1


@pytest.mark.default_engine("the name of the wire")
async def test_there_are_no_streams_and_the_way_out_is_named(wire: RestJobWire) -> None:
    with pytest.raises(errors.Unimplemented, match="StreamActivatedJobs=grpc") as caught:
        await wire.stream(REQUEST)
    assert not caught.value.sent
    assert (wire.name, wire.pushes, wire.cancels) == ("REST", False, False)
    assert wire.of("charge") is wire


# Answering


@pytest.mark.parametrize(
    ("variables", "body"),
    [
        ("", b"{}"),
        ("{}", b'{"variables":{}}'),
        ('{"a": 1.0, "ä":\t"\\u00e4", "b":12345678901234567890}', None),
    ],
)
async def test_a_job_is_completed_with_the_text_of_its_variables_as_it_is(
    server: RestServer, wire: RestJobWire, variables: str, body: bytes | None
) -> None:
    server.script(answer(204))
    await wire.complete(JOB, variables, timeout=5)
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/v2/jobs/2251799813685249/completion")
    assert request.body == (f'{{"variables":{variables}}}'.encode() if body is None else body)
    assert request.headers["content-type"] == "application/json"


async def test_every_other_answer_carries_all_that_is_given(server: RestServer, wire: RestJobWire) -> None:
    server.script(answer(204))
    await wire.fail(JOB, retries=2, message='"no"\n', backoff=1.5, variables='{"a":1}', timeout=5)
    await wire.fail(JOB, retries=0, message="", backoff=0, variables="", timeout=5)
    await wire.throw_error(JOB, code="E", message="m", variables='{"b":2}', timeout=5)
    await wire.throw_error(JOB, code="E", message="", variables="", timeout=5)
    await wire.extend(JOB, 60, timeout=5)
    job = "/v2/jobs/2251799813685249"
    assert [(request.method, request.target, request.json) for request in server.requests] == [
        (
            "POST",
            f"{job}/failure",
            {"retries": 2, "retryBackOff": 1500, "errorMessage": '"no"\n', "variables": {"a": 1}},
        ),
        ("POST", f"{job}/failure", {"retries": 0, "retryBackOff": 0}),
        ("POST", f"{job}/error", {"errorCode": "E", "errorMessage": "m", "variables": {"b": 2}}),
        ("POST", f"{job}/error", {"errorCode": "E"}),
        ("PATCH", job, {"changeset": {"timeout": 60_000}}),
    ]


async def test_a_lease_is_always_sent_along(server: RestServer, wire: RestJobWire) -> None:
    server.script(answer(204))
    await wire.complete(LEASED, '{"a":1}', timeout=5)
    await wire.complete(LEASED, "", timeout=5)
    await wire.fail(LEASED, retries=2, message="", backoff=0, variables="", timeout=5)
    await wire.throw_error(LEASED, code="E", message="", variables="", timeout=5)
    await wire.extend(LEASED, 60, timeout=5)
    assert [request.json["jobLeaseToken"] for request in server.requests] == ["lease"] * 5
    assert server.requests[0].json["variables"] == {"a": 1}


def calls_of(wire: RestJobWire) -> dict[str, Callable[[], Any]]:
    return {
        "activateJobs": lambda: poll(wire),
        "completeJob": lambda: wire.complete(JOB, "", timeout=5),
        "failJob": lambda: wire.fail(JOB, retries=1, message="", backoff=0, variables="", timeout=5),
        "throwJobError": lambda: wire.throw_error(JOB, code="E", message="", variables="", timeout=5),
        "updateJob": lambda: wire.extend(JOB, 5, timeout=5),
    }


@pytest.mark.parametrize(
    ("step", "meaning"),
    [
        (problem(429, "RESOURCE_EXHAUSTED", "the write limit is exhausted"), errors.ResourceExhausted),
        (problem(503, "RESOURCE_EXHAUSTED"), errors.ResourceExhausted),
        (
            problem(500, "java.lang.RuntimeException", "at least one broker returned 'RESOURCE_EXHAUSTED'"),
            errors.ResourceExhausted,
        ),
        (problem(503, "UNAVAILABLE"), errors.Unavailable),
        (problem(404, "NOT_FOUND", "Command 'X' rejected with code 'NOT_FOUND': no"), errors.NotFound),
        (
            problem(409, "INVALID_STATE", "Command 'X' rejected with code 'INVALID_STATE': no"),
            errors.FailedPrecondition,
        ),
    ],
    ids=["429", "503", "500 of an activation", "unavailable", "not found", "state"],
)
async def test_a_failure_is_raised_by_its_meaning_after_one_attempt(
    server: RestServer, wire: RestJobWire, step: Any, meaning: type[errors.CamundaError]
) -> None:
    for operation, call in calls_of(wire).items():
        server.script(step)
        with pytest.raises(meaning) as caught:
            await call()
        assert (caught.value.operation, caught.value.answered) == (operation, True)
        assert len(server.requests) == 1


async def test_a_lost_answer_is_not_asked_for_again(server: RestServer, wire: RestJobWire) -> None:
    for call in calls_of(wire).values():
        server.script(close_without_answer())
        with pytest.raises((errors.Unavailable, errors.Aborted)) as caught:
            await call()
        assert not caught.value.answered
        assert len(server.requests) == 1


class Renewable(Credentials):
    """Gives another token after each rejection."""

    def __init__(self) -> None:
        self.number = 1

    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self.number}"}

    def rejected(self, headers: Mapping[str, str]) -> bool:
        self.number += 1
        return True


async def test_a_rejected_token_is_renewed_once(server: RestServer) -> None:
    async with AsyncRestClient(server.address, credentials=Renewable()) as client:
        wire = client.job_wire()
        for operation, call in calls_of(wire).items():
            server.script(answer(401), found() if operation == "activateJobs" else answer(204))
            await call()
            sent = [request.headers["authorization"] for request in server.requests]
            assert len(set(sent)) == 2
            server.script(answer(401))
            with pytest.raises(errors.Unauthenticated):
                await call()
            assert len(server.requests) == 2
        await wire.close()


async def test_text_that_cannot_be_sent_is_refused_by_name(server: RestServer, wire: RestJobWire) -> None:
    broken = "\udcff"
    with pytest.raises(errors.InvalidRequest, match="variables"):
        await wire.complete(JOB, f'{{"a":"{broken}"}}', timeout=5)
    with pytest.raises(errors.InvalidRequest, match="errorMessage"):
        await wire.fail(JOB, retries=1, message=broken, backoff=0, variables="", timeout=5)
    with pytest.raises(errors.InvalidRequest, match="seconds must be"):
        await wire.extend(JOB, float("nan"), timeout=5)
    assert server.requests == []


# Reading


def test_a_job_needs_nothing_but_its_key() -> None:
    nulls = dict.fromkeys(NEW, None) | {"jobKey": "5"}
    assert job_of({"jobKey": "5"}) == job_of(nulls) == job_of({"key": 5}) == ActivatedJob(job_key="5")


def test_both_names_of_the_lease_are_read() -> None:
    assert job_of({"jobKey": "5", "leaseToken": "l"}).job_lease_token == "l"
    assert job_of({"jobKey": "5", "jobLeaseToken": "m", "leaseToken": "l"}).job_lease_token == "m"


def test_a_listener_brings_its_event_and_its_user_task() -> None:
    task = {
        "action": "assign",
        "assignee": "ada",
        "candidateGroups": ["g"],
        "candidateUsers": None,
        "changedAttributes": ["assignee"],
        "dueDate": "2031-01-01T00:00:00Z",
        "followUpDate": None,
        "formKey": "some-form-of-another-system",
        "priority": 50,
        "userTaskKey": 2251799813685260,
        "newer": 1,
    }
    job = job_of(
        {
            "jobKey": "5",
            "kind": "TASK_LISTENER",
            "listenerEventType": "ASSIGNING",
            "userTask": task,
            "tags": ["a"],
        }
    )
    assert (job.kind, job.listener_event_type, job.tags) == ("TASK_LISTENER", "ASSIGNING", ("a",))
    assert job.user_task == UserTask(
        action="assign",
        assignee="ada",
        candidate_groups=("g",),
        changed_attributes=("assignee",),
        due_date="2031-01-01T00:00:00Z",
        priority=50,
        user_task_key="2251799813685260",
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "a job must be an object"),
        ({}, "a job has no jobKey"),
        ({"jobKey": "0"}, "a job has no jobKey"),
        ({"key": 0}, "a job has no jobKey"),
        ({"jobKey": "5", "variables": []}, "job 5: variables must be an object, not"),
        ({"jobKey": "5", "deadline": "soon"}, "job 5: deadline must be an integer of 64 bits, not 'soon'"),
        ({"jobKey": "5", "retries": True}, "job 5: retries must be an integer of 64 bits, not True"),
        ({"jobKey": "5", "tags": "a"}, "job 5: tags must be a list, not 'a'"),
        ({"jobKey": "5", "userTask": 3}, "job 5: userTask must be an object, not 3"),
    ],
)
def test_what_cannot_be_read_is_named(data: Any, said: str) -> None:
    with pytest.raises(errors.Internal) as caught:
        job_of(data)
    assert said in caught.value.message


# Finished JSON as a body


def test_finished_json_is_sent_as_it_is_where_a_body_may_be() -> None:
    text = JsonText(b'{"a": 1.0 }')
    assert build("", operations.COMPLETE_JOB, {"jobKey": 1}, text).body is text
    for operation in (operations.DEPLOY_RESOURCES, operations.GET_TOPOLOGY):
        with pytest.raises(errors.InvalidRequest, match="no finished JSON"):
            build("", operation, None, text)


def test_finished_json_does_not_tell_how_long_the_server_is_asked_to_wait() -> None:
    asked = {"requestTimeout": 40_000}
    text = JsonText(json.dumps(asked).encode())
    assert time_limit(operations.ACTIVATE_JOBS, asked, DEFAULT, 10.0) == 50.0
    assert time_limit(operations.ACTIVATE_JOBS, text, DEFAULT, 10.0) == 20.0


# Where it comes from


@pytest.mark.parametrize("kind", [RestClient, AsyncRestClient])
async def test_it_has_the_settings_of_its_client_and_connections_of_its_own(
    server: RestServer, kind: Any
) -> None:
    client = kind(
        server.address + "/ctx",
        credentials=Basic("demo", "demo"),
        retry=OFTEN,
        physical_tenant="eu",
        user_agent="mine/1",
    )
    wire = client.job_wire()
    closing = client.close() if kind is RestClient else await client.aclose()
    assert closing is None
    server.script(answer(503), answer(204))
    with pytest.raises(errors.Unavailable):
        await wire.complete(JOB, "", timeout=5)
    await wire.complete(JOB, "", timeout=5)
    for request in server.requests:
        assert request.target == "/ctx/physical-tenants/eu/v2/jobs/2251799813685249/completion"
        assert request.headers["authorization"] == "Basic ZGVtbzpkZW1v"
        assert request.headers["user-agent"] == "mine/1"
    await wire.close()


def test_a_client_of_one_loop_gives_a_wire_for_another(server: RestServer) -> None:
    server.script(answer(204))
    client = AsyncRestClient(server.address)

    async def used() -> None:
        await client.call(operations.COMPLETE_JOB, {"jobKey": 1}, {})

    async def worked() -> None:
        wire = client.job_wire()
        await wire.complete(JOB, "", timeout=5)
        await wire.close()

    first = asyncio.new_event_loop()
    first.run_until_complete(used())
    asyncio.run(worked())
    first.run_until_complete(client.aclose())
    first.close()
    assert len(server.requests) == 2


async def test_the_trust_of_a_sync_client_is_handed_on() -> None:
    with RestClient("https://127.0.0.1:1", tls=Tls(ca=PEM / "ca.pem", server_name="gateway.test")) as client:
        wire = client.job_wire()
    with pytest.raises(errors.Unavailable):
        await wire.complete(JOB, "", timeout=5)
    assert wire._client._hows[0].server_name == "gateway.test"
    await wire.close()


async def test_no_call_waits_behind_polls_that_wait_however_few_connections_there_are(
    server: RestServer,
) -> None:
    async with AsyncRestClient(server.address, pool_size=1) as client:
        wire = client.job_wire()
    server.script(stall(), stall(), stall(), answer(204))
    polls = [asyncio.ensure_future(wire.activate(REQUEST, 1, wait=20, timeout=35)) for _ in range(3)]
    await happened(lambda: len(server.requests) == 3)
    await wire.complete(JOB, "", timeout=20)
    assert len({request.connection for request in server.requests}) == 4
    assert not any(each.done() for each in polls)
    for each in polls:
        each.cancel()
    await asyncio.wait(polls)
    await wire.close()


async def test_what_is_called_after_reconnecting_goes_out_on_a_fresh_connection(
    server: RestServer, wire: RestJobWire
) -> None:
    server.script(stall(), found({"jobKey": "1"}))
    loop = asyncio.get_running_loop()
    began = loop.time()
    first = asyncio.ensure_future(wire.activate(REQUEST, 1, wait=1, timeout=1.5))
    await happened(lambda: len(server.requests) == 1)
    wire.reconnect(began)
    assert [job.job_key for job in await poll(wire)] == ["1"]
    wire.reconnect(began)  # what began before has nothing against these
    assert [job.job_key for job in await poll(wire)] == ["1"]
    with pytest.raises(errors.DeadlineExceeded):  # left to end on its own
        await first
    assert [request.connection for request in server.requests] == [1, 2, 2]


def test_a_deadline_is_in_seconds_and_a_user_tasks_foreign_keys_stay_unset() -> None:
    task = {"formKey": "form-1", "userTaskKey": "12", "assignee": ""}
    job = job_of({"jobKey": 1, "deadline": 1_500, "userTask": task})
    assert job.deadline == 1.5
    assert job.user_task == UserTask(user_task_key="12", assignee="")
