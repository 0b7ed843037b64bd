"""Generated methods over HTTP: what is sent, what every kind of answer becomes, what is refused before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import bridge
from camunda_core.errors import (
    Aborted,
    AlreadyExists,
    CamundaError,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    UnsupportedField,
)
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_rest.api import results
from camunda_rest.conditions import gt, like
from tests.fakes.rest import RestServer, Step, answer, close_without_answer, problem, stall
from tests.unit.camunda_rest.api.sides import SIDES, awaited, opened

QUICK = RetryPolicy(max_attempts=3, initial_delay=0.001, max_delay=0.002)

Open = Callable[..., Any]


@pytest.fixture(params=SIDES)
def open_client(request: pytest.FixtureRequest, server: RestServer) -> Iterator[Open]:
    """Opens a client of the scripted server; they are closed at the end."""
    opened_here: list[Any] = []

    def make(path: str = "", **options: Any) -> Any:
        client = opened(request.param, server.address + path, **{"retry": NO_RETRY, **options})
        opened_here.append(client)
        client.__enter__()
        return client

    yield make
    for client in opened_here:
        client.__exit__(None, None, None)


@pytest.fixture
def client(open_client: Open) -> Any:
    return open_client()


def page(*items: Any, total: int | None = None, cursor: str | None = None) -> Step:
    found: dict[str, Any] = {"totalItems": len(items) if total is None else total}
    if cursor is not None:
        found["endCursor"] = cursor
    return answer(200, {"items": list(items), "page": found})


def topology(version: str) -> Step:
    return answer(200, {"brokers": [], "gatewayVersion": version})


def servlet(status: int, error: str) -> Step:
    """What the web layer answers for a path that nobody serves."""
    return answer(status, {"timestamp": "x", "status": status, "error": error, "path": "/v2/x"})


# Answers


def test_200_is_an_object_of_the_class(client: Any, server: RestServer) -> None:
    server.script(answer(200, {"userTaskKey": "7", "name": "check", "state": "CREATED"}))
    task = client.get_user_task(7)

    assert isinstance(task, results.UserTask)
    assert (task.user_task_key, task.name, task.state) == ("7", "check", "CREATED")
    (request,) = server.requests
    assert (request.method, request.target) == ("GET", "/v2/user-tasks/7")
    assert request.headers["accept"] == "application/json"
    assert request.body == b""


def test_201_202_and_204_are_successes(client: Any, server: RestServer) -> None:
    server.script(
        answer(201, {"username": "ann", "email": "a@b.c"}),
        answer(202, {"state": "PLANNED"}),
        answer(204),
    )

    assert client.create_user(username="ann", password="secret").email == "a@b.c"
    assert client.trigger_cluster_rebalance(dry_run=True) is not None
    assert client.complete_user_task(7, variables={"ok": True}) is None
    assert server.requests[2].json == {"variables": {"ok": True}}


def test_207_is_a_result_with_what_went_well_and_what_did_not(client: Any, server: RestServer) -> None:
    created = {"documentId": "d1", "storeId": "s"}
    failed = {"fileName": "b.txt", "status": 400, "title": "t", "detail": "too large"}
    server.script(answer(207, {"createdDocuments": [created], "failedDocuments": [failed]}))

    both = client.create_documents([b"a", b"b"])
    assert [each.document_id for each in both.created_documents] == ["d1"]
    assert [(each.file_name, each.detail) for each in both.failed_documents] == [("b.txt", "too large")]


def test_204_where_there_may_be_nothing_is_none(client: Any, server: RestServer) -> None:
    server.script(answer(200, {"formId": "f", "schema": "{}"}), answer(204))

    assert client.get_user_task_form(7).form_id == "f"
    assert client.get_user_task_form(7) is None


def test_xml_is_text_and_has_an_accept_of_its_own(client: Any, server: RestServer) -> None:
    server.script(answer(200, "<a>ä</a>".encode(), content_type="text/xml;charset=UTF-8"), answer(204))

    assert client.get_process_definition_xml(7) == "<a>ä</a>"
    assert client.get_process_definition_xml(7) is None
    assert server.requests[0].headers["accept"].startswith("text/xml")


def test_a_file_is_asked_for_as_one(client: Any, server: RestServer) -> None:
    server.script(answer(200, b"\x00\x01", content_type="image/png"))

    download = client.get_document("d1", store_id="s")
    assert (download.content_type, download.size, download.read()) == ("image/png", 2, b"\x00\x01")
    assert server.requests[0].headers["accept"].startswith("application/octet-stream")
    assert server.requests[0].target == "/v2/documents/d1?storeId=s"


def test_a_plain_list_is_a_tuple_of_its_class(client: Any, server: RestServer) -> None:
    server.script(answer(200, b'[{"backupId": 1}, {"backupId": 2}]'))

    found = client.list_history_backups()
    assert [type(each) for each in found] == [results.HistoryBackupInfo] * 2


@pytest.mark.parametrize("body", [b"", b"<html>login</html>", b"[1", b'["a list"]', b'"text"'])
def test_an_answer_that_is_no_such_thing_names_the_operation(
    client: Any, server: RestServer, body: bytes
) -> None:
    server.script(
        answer(200, body, content_type="text/html" if body.startswith(b"<") else "application/json")
    )

    with pytest.raises(Internal, match=r"^getUserTask: "):
        client.get_user_task(7)


# Requests


@pytest.mark.parametrize(
    ("path", "options", "target"),
    [
        ("", {}, "/cluster/v2/rebalance"),
        ("/v2", {}, "/cluster/v2/rebalance"),
        ("/context/path", {}, "/context/path/cluster/v2/rebalance"),
        ("/context/path", {"physical_tenant": "blue"}, "/context/path/cluster/v2/rebalance"),
        ("", {"physical_tenant": "blue"}, "/cluster/v2/rebalance"),
    ],
)
def test_what_administers_the_cluster_is_at_the_root_of_the_server(
    open_client: Open, server: RestServer, path: str, options: dict[str, Any], target: str
) -> None:
    client = open_client(path, **options)
    server.script(answer(200, {}))
    client.get_cluster_rebalance()
    client.get_status()

    assert server.requests[0].target == target
    assert server.requests[1].target.endswith("/v2/status")
    assert ("physical-tenants/blue" in server.requests[1].target) == ("physical_tenant" in options)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("ä", "%C3%A4"),
        ("a?b#c", "a%3Fb%23c"),
        ("100%", "100%25"),
        ("a%2Fb", "a%252Fb"),
        ("x..y", "x..y"),
    ],
)
def test_ids_stand_in_paths_as_they_are(client: Any, server: RestServer, name: str, target: str) -> None:
    server.script(answer(200, {}))
    client.get_group(name)

    assert server.requests[0].target == f"/v2/groups/{target}"


@pytest.mark.parametrize("name", ["", " ", ".", ".."])
def test_ids_that_would_be_another_path_are_refused(client: Any, server: RestServer, name: str) -> None:
    with pytest.raises(InvalidRequest, match="getGroup: group_id must not be empty"):
        client.get_group(name)
    assert server.requests == []


def test_searches_send_filter_sorting_and_page(open_client: Open, server: RestServer) -> None:
    client = open_client(cluster_version="8.10")
    server.script(page({"userTaskKey": "1"}, total=3, cursor="abc"), page({"userTaskKey": "2"}, total=2))
    found = client.search_user_tasks(
        state=["CREATED", "ASSIGNING"],
        priority=gt(50),
        any_of=[{"name": like("A*")}, {"candidate_group": "sales"}],
        sort=["-due_date", "priority"],
        page_size=1,
    )
    assert server.requests == []

    assert [task.user_task_key for task in found] == ["1", "2"]
    first, second = (request.json for request in server.requests)
    assert first == {
        "filter": {
            "state": {"$in": ["CREATED", "ASSIGNING"]},
            "priority": {"$gt": 50},
            "$or": [{"name": {"$like": "A*"}}, {"candidateGroup": "sales"}],
        },
        "sort": [{"field": "dueDate", "order": "DESC"}, {"field": "priority", "order": "ASC"}],
        "page": {"limit": 1},
    }
    assert second == {**first, "page": {"limit": 1, "after": "abc"}}


def test_what_searches_take_beside_the_filter_is_sent(client: Any, server: RestServer) -> None:
    server.script(page({"name": "a", "value": "1"}))
    client.search_variables(truncate_values=False, name="a").all()

    assert server.requests[0].target == "/v2/variables/search?truncateValues=false"


def test_a_batch_operation_without_a_filter_is_refused_unless_everything_is_meant(
    client: Any, server: RestServer
) -> None:
    server.script(answer(200, {"batchOperationKey": "5"}))
    with pytest.raises(InvalidRequest, match="everything=True"):
        client.cancel_process_instances_batch_operation()
    assert server.requests == []

    assert client.cancel_process_instances_batch_operation(everything=True).batch_operation_key == "5"
    client.cancel_process_instances_batch_operation(process_definition_id="order")
    assert [request.json["filter"] for request in server.requests] == [
        {},
        {"processDefinitionId": "order"},
    ]


def test_the_tenant_of_the_client_goes_into_commands_that_name_none(
    open_client: Open, server: RestServer
) -> None:
    client = open_client(tenant_id="blue")
    server.script(answer(200, {}))
    client.correlate_message(name="paid", correlation_key="1")
    client.correlate_message(name="paid", correlation_key="1", tenant_id="red")
    client.search_user_tasks().first()

    assert [request.json.get("tenantId") for request in server.requests[:2]] == ["blue", "red"]
    assert "blue" not in json.dumps(server.requests[2].json)


# Time and repetition


def test_a_retry_of_the_call_takes_the_place_of_the_clients(open_client: Open, server: RestServer) -> None:
    client = open_client(retry=QUICK)
    server.script(problem(503, "UNAVAILABLE", "no leader"))

    for retry, count in ((None, 3), (NO_RETRY, 1), (RetryPolicy(max_attempts=2, initial_delay=0.001), 2)):
        server.requests.clear()
        with pytest.raises(Unavailable, match="no leader"):
            client.get_user_task(7, retry=retry)
        assert len(server.requests) == count


def test_what_must_not_happen_twice_is_sent_once_where_nobody_knows(
    open_client: Open, server: RestServer
) -> None:
    client = open_client(retry=QUICK)
    server.script(close_without_answer(), answer(200, {}))
    with pytest.raises(Aborted, match=r"createUser: .*may have been executed"):
        client.create_user(username="ann", password="secret")
    assert len(server.requests) == 1

    server.script(close_without_answer(), answer(200, {"username": "ann"}))
    assert client.get_user("ann").username == "ann"
    assert len(server.requests) == 2


def test_a_time_limit_of_the_call_takes_the_place_of_the_clients(client: Any, server: RestServer) -> None:
    server.script(stall())

    with pytest.raises(DeadlineExceeded, match=r"getUserTask: no complete answer within 0\.3 s"):
        client.get_user_task(7, timeout=0.3)
    with pytest.raises(DeadlineExceeded, match=r"searchUserTasks: no complete answer within 0\.3 s"):
        client.search_user_tasks(timeout=0.3).first()


def test_waiting_asks_again_until_something_is_there(client: Any, server: RestServer) -> None:
    server.script(problem(404, "NOT_FOUND", "not yet"), answer(200, {"userTaskKey": "7"}))
    assert client.get_user_task(7, wait=5).user_task_key == "7"

    server.script(page(), problem(500, "INTERNAL", "no index"), page({"userTaskKey": "1"}))
    assert [task.user_task_key for task in client.search_user_tasks(wait=5)] == ["1"]
    assert len(server.requests) == 3


def test_waiting_for_nothing_ends_as_it_would_have(open_client: Open, server: RestServer) -> None:
    client = open_client(consistency_wait=0.5)
    server.script(page())
    assert client.search_user_tasks().all() == []

    server.script(problem(404, "NOT_FOUND", "no task"))
    with pytest.raises(NotFound, match=r"no task \(asked again for \d"):
        client.get_user_task(7)
    server.script(problem(404, "NOT_FOUND", "no task"))
    with pytest.raises(NotFound, match=r"no task$"):
        client.get_user_task(7, wait=0)
    assert len(server.requests) == 1


def test_pages_after_the_first_are_not_waited_for(client: Any, server: RestServer) -> None:
    server.script(page({"userTaskKey": "1"}, total=5, cursor="abc"), page(total=5))

    assert len(client.search_user_tasks(wait=5, page_size=1).all()) == 1
    assert len(server.requests) == 2


def test_until_waits_for_a_condition(client: Any, server: RestServer) -> None:
    server.script(page({"userTaskKey": "1"}, total=1), page({"userTaskKey": "1"}, total=2))
    assert client.search_user_tasks(until=lambda found: found.total_items >= 2).count() == 2

    server.script(answer(200, {"state": "CREATED"}))
    with pytest.raises(DeadlineExceeded, match="did not come within") as caught:
        client.get_user_task(7, wait=0.3, until=lambda task: task.state == "COMPLETED")
    assert caught.value.last.state == "CREATED"


def test_a_time_limit_of_the_call_bounds_waiting_as_well(client: Any, server: RestServer) -> None:
    server.script(page())
    assert client.search_user_tasks(wait=60, timeout=2).all() == []

    server.script(page({"userTaskKey": "1"}, total=1), stall())
    with pytest.raises(DeadlineExceeded, match=r"did not come within .* s; seen last: 1 items") as caught:
        client.search_user_tasks(wait=60, timeout=2, until=lambda found: found.total_items >= 2).first()
    assert len(caught.value.last) == 1
    assert len(server.requests) == 2


# Errors


@pytest.mark.parametrize(
    ("status", "title", "meaning"),
    [
        (400, "INVALID_ARGUMENT", InvalidArgument),
        (401, "Unauthorized", Unauthenticated),
        (403, "FORBIDDEN", PermissionDenied),
        (404, "NOT_FOUND", NotFound),
        (409, "ALREADY_EXISTS", AlreadyExists),
        (409, "INVALID_STATE", FailedPrecondition),
        (429, "RESOURCE_EXHAUSTED", ResourceExhausted),
        (500, "INTERNAL", Internal),
        (503, "UNAVAILABLE", Unavailable),
        (504, "DEADLINE_EXCEEDED", DeadlineExceeded),
    ],
)
def test_errors_are_those_of_the_rpcs(
    client: Any, server: RestServer, status: int, title: str, meaning: type[CamundaError]
) -> None:
    server.script(problem(status, title, "said"))

    with pytest.raises(CamundaError, match="createUser: said") as caught:
        client.create_user(username="ann", password="secret")
    assert type(caught.value) is meaning
    assert caught.value.problem is not None
    assert caught.value.problem.title == title


@pytest.mark.parametrize(
    "name", ["assign_user_task", "unassign_user_task", "update_user_task", "complete_user_task"]
)
def test_a_command_of_a_user_task_that_listeners_hold_back_may_still_happen(
    client: Any, server: RestServer, name: str
) -> None:
    more = {"assignee": "ann"} if name == "assign_user_task" else {}
    server.script(problem(504, "DEADLINE_EXCEEDED", "timed out"))

    with pytest.raises(DeadlineExceeded, match="timed out; the command goes on and may still happen"):
        getattr(client, name)(7, **more)


@pytest.mark.parametrize(
    "missing",
    [servlet(404, "Not Found"), servlet(405, "Method Not Allowed"), problem(404, "Not Found", "No endpoint")],
)
def test_an_operation_that_the_cluster_has_not_names_both_versions(
    client: Any, server: RestServer, missing: Step
) -> None:
    server.script(missing, topology("8.6.12"), missing)
    with pytest.raises(UnsupportedField, match=r"getUserTask needs Camunda 8\.8, this cluster is 8\.6$"):
        client.get_user_task(7)
    with pytest.raises(
        UnsupportedField, match=r"searchUserTasks needs Camunda 8\.8.*8\.6; .*alpha of other names"
    ):
        client.search_user_tasks().first()
    assert [request.target for request in server.requests].count("/v2/topology") == 1


def test_an_operation_that_is_missing_where_it_should_be_is_the_servers_error(
    open_client: Open, server: RestServer
) -> None:
    client = open_client(cluster_version="8.10")
    server.script(servlet(404, "Not Found"))

    with pytest.raises(Unimplemented, match=r"getUserTask: HTTP 404.*is the base address right"):
        client.get_user_task(7)
    assert len(server.requests) == 1


def test_a_wrong_base_address_is_told_of_the_operation_not_of_the_topology(
    client: Any, server: RestServer
) -> None:
    server.script(answer(404, b"<html>nginx</html>", content_type="text/html"))

    with pytest.raises(Unimplemented, match="getUserTask: HTTP 404: nginx; is the base address right"):
        client.get_user_task(7)


def test_the_other_dialect_of_older_searches_is_named_not_guessed(client: Any, server: RestServer) -> None:
    older = answer(
        200, {"items": [{"key": 5}], "page": {"totalItems": 1, "firstSortValues": [5], "lastSortValues": [5]}}
    )
    server.script(older, topology("8.7.3"))

    with pytest.raises(
        UnsupportedField, match=r"needs Camunda 8\.8, this cluster is 8\.7: .*an alpha of other names"
    ):
        client.search_process_instances(process_definition_id="order").all()


# Versions


def test_a_filter_that_the_cluster_would_ignore_is_refused_before_anything_is_sent(
    open_client: Open, server: RestServer
) -> None:
    client = open_client(cluster_version="8.8")
    with pytest.raises(
        UnsupportedField, match=r"this cluster is 8\.8, which does not know .*businessId.*8\.\d+"
    ):
        client.search_process_instances(business_id="b").first()
    with pytest.raises(UnsupportedField, match="businessId"):
        client.cancel_process_instances_batch_operation(business_id="b")
    assert server.requests == []


def test_an_operator_that_the_cluster_does_not_know_is_refused(open_client: Open, server: RestServer) -> None:
    client = open_client(cluster_version="8.9")
    server.script(page())
    client.search_user_tasks(process_definition_id="order").all()
    assert server.requests[0].json["filter"] == {"processDefinitionId": "order"}

    with pytest.raises(UnsupportedField, match=r"filter\.processDefinitionId\.\$like \(since 8\.10\)"):
        client.search_user_tasks(process_definition_id=like("o*")).first()
    with pytest.raises(InvalidRequest, match="assignee cannot be asked \\$gt: it knows"):
        client.search_user_tasks(assignee=gt("a"))
    assert len(server.requests) == 1


def test_the_version_is_asked_once_and_only_where_it_matters(client: Any, server: RestServer) -> None:
    server.script(page({"processInstanceKey": "1"}))
    client.search_process_instances(process_definition_id="order").first()
    assert len(server.requests) == 1

    server.script(topology("8.8.9"))
    for _ in range(3):
        with pytest.raises(UnsupportedField, match="businessId"):
            client.search_process_instances(business_id="b").first()
    assert [request.target for request in server.requests] == ["/v2/topology"]


def test_a_cluster_that_is_new_enough_gets_what_is_new(open_client: Open, server: RestServer) -> None:
    client = open_client(cluster_version=(8, 10))
    server.script(page())
    client.search_process_instances(business_id="b").all()

    assert "businessId" in server.requests[0].json["filter"]


# Clients


def test_a_closed_client_says_so(open_client: Open, server: RestServer) -> None:
    client = open_client()
    client.close()

    with pytest.raises(InvalidRequest, match=r"getUserTask: .* is closed; make a new one"):
        client.get_user_task(7)
    assert server.requests == []


def test_an_operation_of_rest_on_a_client_without_rest_says_what_to_give() -> None:
    with bridge.Client(grpc_address="127.0.0.1:1") as client:
        with pytest.raises(
            Unimplemented, match="getUserTask: exists only over REST: give rest_address="
        ) as caught:
            client.get_user_task(7)
        with pytest.raises(Unimplemented, match="searchUserTasks"):
            client.search_user_tasks().first()
    assert not caught.value.sent


async def test_the_same_for_asyncio() -> None:
    async with bridge.AsyncClient(grpc_address="127.0.0.1:1") as client:
        with pytest.raises(Unimplemented, match="getUserTask: exists only over REST: give rest_address="):
            await client.get_user_task(7)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("routes", [None, "*=grpc"])
def test_the_clients_of_the_bridge_reach_rest_whatever_the_routes_say(
    server: RestServer, side: str, routes: str | None
) -> None:
    more: dict[str, Any] = {"rest_address": server.address, "retry": NO_RETRY}
    if routes:
        more |= {"routes": routes, "grpc_address": "127.0.0.1:1"}
    client: Any = bridge.Client(**more) if side == "blocking" else awaited(bridge.AsyncClient(**more))
    with client:
        server.script(answer(200, {"userTaskKey": "7"}))
        assert client.get_user_task(7).user_task_key == "7"
        client.close()
        with pytest.raises(InvalidRequest, match="closed"):
            client.get_user_task(7)


@pytest.mark.parametrize("side", SIDES)
def test_the_clients_of_the_bridge_take_version_wait_and_tenant_from_their_settings(
    server: RestServer, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMUNDA_DEFAULT_TENANT_ID", "blue")
    more: dict[str, Any] = {
        "rest_address": server.address,
        "retry": NO_RETRY,
        "cluster_version": "8.8",
        "consistency_wait": 20,
    }
    client: Any = bridge.Client(**more) if side == "blocking" else awaited(bridge.AsyncClient(**more))
    with client:
        server.script(page(), page({"userTaskKey": "1"}))
        assert len(client.search_user_tasks().all()) == 1
        assert len(server.requests) == 2
        with pytest.raises(UnsupportedField, match="businessId"):
            client.search_process_instances(business_id="b").first()
        server.script(answer(200, {}))
        client.correlate_message(name="paid", correlation_key="1")
        assert server.requests[0].json["tenantId"] == "blue"
