"""Scenarios: written once, played on every path to every gateway, and compared with the play on the reference path."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import grpc
import pytest

from camunda_grpc import gateway_pb2 as pb
from tests.gateways import models
from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways
from tests.scenarios.callers import PATIENCE, Caller, Stream, request_of
from tests.scenarios.differences import DIFFERENCES
from tests.scenarios.paths import BY_NAME, PATHS, Path
from tests.scenarios.transcript import Entry, Refusal, differences, plain

#: A key that looks like one of partition 1 and that nothing will ever have.
UNKNOWN_KEY = 2**51 + 10**12
#: Some answers carry the tenant, and streams of some gateways push nothing without one.
TENANT = "<default>"


class Case:
    """One play of a scenario on one path: what it calls with, and what it remembers of it."""

    def __init__(self, gateway: Gateway, path: Path, caller: Caller) -> None:
        self.gateway = gateway
        self.path = path
        self.caller = caller
        self.tag = f"-{uuid.uuid4().hex[:10]}"
        self.entries: list[Entry] = []
        self._streams: list[Stream] = []

    # -- calling

    def name(self, prefix: str) -> str:
        """An id of this play alone; comparing takes the difference off again."""
        return prefix + self.tag

    def call(self, rpc: str, *, within: float = PATIENCE / 2, **fields: Any) -> Any:
        """A unary call that succeeds."""
        request = request_of(rpc, **fields)
        answer = self.caller.unary(rpc, request, within)
        self.entries.append(Entry(rpc, request, (answer,)))
        return answer

    def refused(self, rpc: str, *, within: float = PATIENCE / 2, differs: str = "", **fields: Any) -> Refusal:
        """A call that fails. ``differs`` names the published difference in how it does."""
        if differs and differs not in DIFFERENCES:
            raise LookupError(f"no published difference is called {differs!r}")
        request = request_of(rpc, **fields)
        try:
            if rpc == "ActivateJobs":
                answer: Any = self.caller.activate(request, within)
            elif rpc == "StreamActivatedJobs":
                stream = self._remembered(self.caller.stream(request, within))
                answer = stream.wait(within)
                if answer is not None:
                    raise answer
            else:
                answer = self.caller.unary(rpc, request, within)
        except grpc.RpcError as error:
            refusal = Refusal.of(error)
        else:
            pytest.fail(f"{rpc} was not refused on {self.path.name}: {answer}")
        self.entries.append(Entry(rpc, request, (), refusal, differs))
        return refusal

    def poll(self, *, within: float = PATIENCE / 2, **fields: Any) -> list[Any]:
        """One ActivateJobs call: the jobs of all its messages."""
        defaults = {"worker": "suite", "timeout": 60_000, "maxJobsToActivate": 32, "requestTimeout": -1}
        request = request_of("ActivateJobs", **(defaults | fields))
        jobs = [job for message in self.caller.activate(request, within) for job in message.jobs]
        self.entries.append(Entry("ActivateJobs", request, (pb.ActivateJobsResponse(jobs=jobs),)))
        return jobs

    def jobs(self, job_type: str, count: int = 1, **fields: Any) -> list[Any]:
        """So many jobs, waited for. It is remembered as one call, however many it took."""
        fields = {"type": job_type, "requestTimeout": 1000, "maxJobsToActivate": count, **fields}
        found: list[Any] = []
        until, before = time.monotonic() + PATIENCE / 2, len(self.entries)
        while len(found) < count:
            came = self.poll(**(fields | {"maxJobsToActivate": count - len(found)}))
            found += came
            if len(found) < count:
                assert time.monotonic() < until, f"{len(found)} of {count} jobs of {job_type} came"
                time.sleep(0.02)
        found.sort(key=lambda job: job.key)
        request = self.entries[-1].request
        if len(came) < count:
            options = {"worker": "suite", "timeout": 60_000} | fields | {"maxJobsToActivate": count}
            request = request_of("ActivateJobs", **options)
        whole = Entry("ActivateJobs", request, (pb.ActivateJobsResponse(jobs=found),))
        self.entries[before:] = [whole]
        return found

    def job(self, job_type: str, **fields: Any) -> Any:
        """The one job, waited for."""
        return self.jobs(job_type, 1, **fields)[0]

    def stream(self, job_type: str, **fields: Any) -> Stream:
        """An open stream of jobs, which ends with the play. What it brings is remembered by ``pushed``."""
        defaults = {"worker": "suite", "timeout": 60_000, "tenantIds": [TENANT]}
        request = request_of("StreamActivatedJobs", type=job_type, **(defaults | fields))
        return self._remembered(self.caller.stream(request, None))

    def pushed(self, *jobs: Any) -> None:
        """Remembers jobs of a stream, in the order of their keys."""
        request = request_of("StreamActivatedJobs")
        self.entries.append(
            Entry("StreamActivatedJobs", request, tuple(sorted(jobs, key=lambda job: job.key)))
        )

    def _remembered(self, stream: Stream) -> Stream:
        self._streams.append(stream)
        return stream

    @staticmethod
    def allowed(differs: str) -> frozenset[str]:
        """The parts of a refusal that a published difference lets differ."""
        return DIFFERENCES[differs].parts if differs else frozenset()

    # -- steps that many scenarios share

    def deploy(self, *resources: pb.Resource) -> Any:
        """Deploys what ``resource`` made."""
        return self.call("DeployResource", resources=resources)

    def resource(self, name: str, **substitutions: str) -> pb.Resource:
        """A model of ``tests/data/models`` as a resource."""
        return pb.Resource(name=models.filename(name), content=models.model(name, **substitutions))

    def order(self, name: str = "order") -> tuple[str, str, str]:
        """Deploys the order process: its id, and the types of its two jobs."""
        process, charge, ship = self.name(name), self.name("charge"), self.name("ship")
        self.deploy(self.resource("order", process=process, charge=charge, ship=ship))
        return process, charge, ship

    def start(self, process: str, variables: object = None, **fields: Any) -> int:
        """Creates an instance of the latest version; its key."""
        text = "" if variables is None else json.dumps(variables)
        fields = {"bpmnProcessId": process, "version": -1, "variables": text, **fields}
        return int(self.call("CreateProcessInstance", **fields).processInstanceKey)

    def complete(self, job: Any, **variables: Any) -> None:
        """Completes a job."""
        self.call("CompleteJob", jobKey=job.key, variables=json.dumps(variables))

    def referring(self, number: int) -> dict[str, int]:
        """``operationReference`` where the cluster knows it; the client refuses to let it be lost."""
        return {} if self.gateway.version.startswith("8.5.") else {"operationReference": number}

    def eventually(self, works: Callable[[], Any], what: str) -> Any:
        """The first true value that ``works`` gives; nothing that it calls is remembered."""
        until, before = time.monotonic() + PATIENCE / 2, len(self.entries)
        try:
            while not (value := works()):
                assert time.monotonic() < until, what
                time.sleep(0.05)
        finally:
            del self.entries[before:]
        return value

    def close(self) -> None:
        """Ends what is still open."""
        for stream in self._streams:
            stream.cancel()


Play = Callable[..., None]


@dataclass(frozen=True)
class Scenario:
    """A scenario as the recorder finds it, with the features that it needs of a gateway."""

    name: str
    play: Play
    value: Any = None
    features: frozenset[str] = frozenset()

    def perform(self, case: Case) -> None:
        """Plays it."""
        self.play(case) if self.value is None else self.play(case, self.value)


#: Those that are recorded; of each module in its order.
RECORDED: list[Scenario] = []


class Stage:
    """Where scenarios are played: a gateway, its paths (opened when first used), and what was said on the reference path."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._callers: dict[str, Caller] = {}
        self._plays: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def caller(self, path: Path) -> Caller:
        """The caller on that path."""
        if path.name not in self._callers:
            self._callers[path.name] = path.open(self.gateway)
        return self._callers[path.name]

    def perform(self, scenario: Scenario, path: Path) -> None:
        """Plays the scenario on the path and compares it with the reference, where the gateway speaks both wires."""
        said, entries = self._play(scenario, path)
        reference = BY_NAME[path.reference]
        if reference.wire not in self.gateway.wires:
            return
        if path is reference:
            self._plays[scenario.name, path.name] = said
            return
        key = scenario.name, reference.name
        if key not in self._plays:
            self._plays[key] = self._play(scenario, reference)[0]
        allowed = [Case.allowed(entry.differs) for entry in entries]
        found = list(_compare(self._plays[key], said, allowed))
        if found:
            pytest.fail(f"{reference.name} against {path.name}:\n" + "\n".join(found), pytrace=False)

    def case(self, path: Path) -> Case:
        """A case of its own on that path, for what is no scenario; the caller of this closes it."""
        return Case(self.gateway, path, self.caller(path))

    def _play(self, scenario: Scenario, path: Path) -> tuple[list[dict[str, Any]], list[Entry]]:
        case = self.case(path)
        try:
            scenario.perform(case)
        finally:
            case.close()
        assert case.entries, "the scenario said nothing"
        return plain(case.entries, case.tag), case.entries

    def close(self) -> None:
        """Closes every path."""
        for caller in self._callers.values():
            caller.close()


def _compare(
    reference: list[dict[str, Any]], said: list[dict[str, Any]], allowed: Sequence[frozenset[str]]
) -> Iterable[str]:
    if [entry["rpc"] for entry in reference] != [entry["rpc"] for entry in said]:
        yield f"calls: {[entry['rpc'] for entry in reference]} against {[entry['rpc'] for entry in said]}"
        return
    for number, (one, other, parts) in enumerate(zip(reference, said, allowed, strict=True)):
        one, other = ({name: v for name, v in each.items() if name not in parts} for each in (one, other))
        yield from differences(one, other, f"{number} {one['rpc']}")


def scenario(
    *names: str,
    wires: Iterable[str] = (),
    features: Iterable[str] = (),
    since: str | None = None,
    before: str | None = None,
    values: Sequence[Any] = (),
    recorded: bool = True,
) -> Callable[[Play], Play]:
    """Makes a function of a ``Case`` (and one of ``values``, each with a ``name``) a test on every path to every fitting gateway.

    The arguments up to ``before`` are those of ``on_gateways``. ``recorded`` tells whether the golden data have it.
    """

    def decorate(play: Play) -> Play:
        def test(stage: Stage, path: Path) -> None:
            stage.perform(Scenario(play.__name__, play), path)

        def test_value(stage: Stage, path: Path, value: Any) -> None:
            stage.perform(Scenario(f"{play.__name__}[{value.name}]", play, value), path)

        made: Any = test_value if values else test
        made.__name__, made.__qualname__, made.__doc__ = play.__name__, play.__qualname__, play.__doc__
        made.__module__ = play.__module__
        made = pytest.mark.parametrize("path", [pytest.param(each, id=each.name) for each in PATHS])(made)
        if values:
            made = pytest.mark.parametrize("value", [pytest.param(each, id=each.name) for each in values])(
                made
            )
        if recorded:
            needs = frozenset(features)
            plays = [Scenario(f"{play.__name__}[{each.name}]", play, each, needs) for each in values]
            RECORDED.extend(plays or [Scenario(play.__name__, play, features=needs)])
        made = on_gateways(*names, wires=wires, features=features, since=since, before=before)(made)
        return cast(Play, made)

    return decorate


def until_refused(case: Case, rpc: str, differs: str = "", **fields: Any) -> Refusal:
    """The first refusal with RESOURCE_EXHAUSTED; a call or two may pass before a limit is felt, and are not remembered."""
    request = request_of(rpc, **fields)
    call = case.caller.activate if rpc == "ActivateJobs" else partial(case.caller.unary, rpc)
    for _ in range(200):
        try:
            call(request, PATIENCE / 2)
        except grpc.RpcError as error:
            refusal = Refusal.of(error)
            if refusal.code == "RESOURCE_EXHAUSTED":
                case.entries.append(Entry(rpc, request, (), refusal, differs))
                return refusal
    pytest.fail(f"{rpc} was never refused for back-pressure")
