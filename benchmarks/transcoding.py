"""What it costs to turn messages into JSON and back, for one call and for each job of an activation.

Goals in µs hold for a machine on which a sync call of a raw stub costs 119 µs of CPU; so each is a ratio to that call,
measured in the same run. The reading of a job's variables by ``json`` is a second
measure, which other programs on the machine disturb less.
"""

from __future__ import annotations

import json
from typing import Any

import grpc
import requests

import bridge
from benchmarks.calls import RAW, message
from benchmarks.gateway import INSTANCE, Addresses, job, jobs_answer
from benchmarks.measure import Contender, Effort, Goal, Table, compare, repeated
from benchmarks.peers import Absent, official_sdk
from bridge._table.transcode import exchange
from camunda_grpc import gateway_pb2, gateway_pb2_grpc
from camunda_rest import operations

__all__ = ["activation", "transcoding"]

_RAW_CALL = 119.0
_COUNTS = (32, 1000)
_JSON = "json.loads, variables of a job"


def transcoding(addresses: Addresses, effort: Effort) -> list[Table]:
    """The table alone, nothing sent."""
    create, complete, activate = map(exchange, ("CreateProcessInstance", "CompleteJob", "ActivateJobs"))
    creation = message()
    completion = gateway_pb2.CompleteJobRequest(jobKey=2251799813685255, variables=creation.variables)
    created = create.answer_from_rest(INSTANCE)
    rest_creation, rest_completion = create.to_rest(creation), complete.to_rest(completion)

    def there_and_back(of: Any, request: Any, answer: Any) -> Any:
        return lambda: (of.to_rest(request), of.answer_from_rest(answer))

    def back_and_there(of: Any, request: Any, answer: Any) -> Any:
        return lambda: (of.from_rest(request.path, request.body), of.answer_to_rest(answer))

    forward = "CreateProcessInstance over REST: request and answer"
    to_grpc, to_rest = "REST to gRPC, a job of {}", "gRPC to REST, a job of {}"
    json_text = json.dumps(job(1)["variables"])
    with grpc.insecure_channel(addresses.grpc) as channel:
        raw = gateway_pb2_grpc.GatewayStub(channel).CreateProcessInstance
        contenders = [
            Contender(RAW, repeated(lambda: raw(creation))),
            Contender(_JSON, repeated(lambda: json.loads(json_text)), 1000),
            Contender(forward, repeated(there_and_back(create, creation, INSTANCE)), 400),
            Contender(
                "CreateProcessInstance over gRPC: request and answer",
                repeated(back_and_there(create, rest_creation, created)),
                400,
            ),
            Contender(
                "CompleteJob over REST: request and answer",
                repeated(there_and_back(complete, completion, None)),
                400,
            ),
            Contender(
                "CompleteJob over gRPC: request and answer",
                repeated(back_and_there(complete, rest_completion, complete.answer_class())),
                400,
            ),
        ]
        for count in _COUNTS:
            answer = jobs_answer(count)
            jobs = activate.answer_from_rest(answer)
            block = max(1, 1000 // count)
            contenders += [
                Contender(
                    to_grpc.format(count),
                    repeated(lambda answer=answer: activate.answer_from_rest(answer)),  # type: ignore[misc]
                    block,
                    units=count,
                ),
                Contender(
                    to_rest.format(count),
                    repeated(lambda jobs=jobs: activate.answer_to_rest(jobs)),  # type: ignore[misc]
                    block,
                    units=count,
                ),
            ]
        goals = [Goal("G3", each.name, RAW, 12 / _RAW_CALL) for each in contenders[2:6]]
        goals += [Goal("G3", to_grpc.format(count), RAW, 10 / _RAW_CALL) for count in _COUNTS]
        table = Table("Transcoding", "µs a message or job", (RAW, _JSON), goals)
        return [compare(table, contenders, effort)]


def activation(addresses: Addresses, effort: Effort) -> list[Table]:
    """Jobs through a gateway into the caller's hands, variables parsed."""
    tables = []
    try:
        with official_sdk(addresses.rest) as sdk:
            for count in _COUNTS:
                peer = sdk.contender(f"activate-{count}", block=max(1, 500 // count), units=count)
                tables.append(_activation(addresses, effort, count, peer))
    except Absent as absent:
        for count in _COUNTS:
            tables.append(_activation(addresses, effort, count, None))
            tables[-1].missing["official SDK"] = str(absent)
    return tables


def _activation(addresses: Addresses, effort: Effort, count: int, peer: Contender | None) -> Table:
    request = gateway_pb2.ActivateJobsRequest(type="charge", timeout=60000, maxJobsToActivate=count)
    url = f"{addresses.rest}/v2{operations.ACTIVATE_JOBS.path}"
    body = {"type": "charge", "timeout": 60000, "maxJobsToActivate": count}

    with (
        requests.Session() as session,
        bridge.Client(rest_address=addresses.rest) as client,
        bridge.Client(grpc_address=addresses.grpc) as native,
        bridge.channel(addresses.rest) as dropin,
        grpc.insecure_channel(addresses.grpc) as raw,
        grpc.insecure_channel(addresses.grpc) as caller,
    ):
        stubs = [gateway_pb2_grpc.GatewayStub(channel) for channel in (raw, dropin)]

        def through_stub(stub: Any) -> Any:
            def activate() -> None:
                got = [
                    (each, json.loads(each.variables))
                    for part in stub.ActivateJobs(request, timeout=10)
                    for each in part.jobs
                ]
                assert len(got) == count

            return repeated(activate)

        def through_client(of: bridge.Client) -> Any:
            def activate() -> None:
                got = of.activate_jobs("charge", max_jobs_to_activate=count, job_timeout=60)
                assert len(got) == count

            return repeated(activate)

        def through_requests() -> None:
            assert len(session.post(url, json=body, timeout=10).json()["jobs"]) == count

        one_call = gateway_pb2_grpc.GatewayStub(caller).CreateProcessInstance
        creation = message()
        block = max(1, 1000 // count)
        bare = "raw stub and json.loads"
        runs = {
            bare: through_stub(stubs[0]),
            "bridge.Client over gRPC": through_client(native),
            "requests": repeated(through_requests),
            "bridge.channel stub and json.loads": through_stub(stubs[1]),
            "bridge.Client over REST": through_client(client),
        }
        contenders = [Contender(name, run, block, units=count) for name, run in runs.items()]
        contenders.append(Contender(RAW, repeated(lambda: one_call(creation))))
        whole = count == _COUNTS[-1]  # of a small activation the call itself is most, and no transcoding
        goals = [
            Goal("G3", "bridge.Client over REST", RAW, 10 / _RAW_CALL),
            Goal("G3", "bridge.Client over gRPC", RAW, 6 / _RAW_CALL),
        ]
        table = Table(
            f"Activation of {count} jobs, sync",
            "µs a job",
            ("official SDK", "requests", bare, RAW),
            goals if whole else (),
        )
        return compare(table, [*([peer] if peer else []), *contenders], effort)
