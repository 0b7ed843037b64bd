"""A rehearsal says before what REST then does: for every scenario, every rejection and every published difference.

Each call is judged, and then made over REST. What was said to fail fails, for that reason and on that side of the wire; what
fails there and not over gRPC was said to; and a difference that shows is one that was named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import text_format

from bridge._rehearsal.differences import DIFFERENCES as FORESEEN
from bridge._rehearsal.differences import NOT_FORESEEN
from bridge._rehearsal.judging import CARRIED_NOT, TOO_OLD, Finding, Judge
from camunda_core.errors import CamundaError, InvalidRequest, Unimplemented
from camunda_rest._versions import parse_version
from tests.gateways.base import GRPC, REST, Gateway
from tests.gateways.registry import on_gateways
from tests.record import golden
from tests.scenarios.callers import Caller, Stream
from tests.scenarios.differences import DIFFERENCES
from tests.scenarios.paths import BY_NAME, NATIVE
from tests.scenarios.stage import Case, Scenario
from tests.scenarios.test_differences import PINS

REFUSED_BY_REST = "refused by REST"
#: Those that need a state of the cluster, which the embedded gateway has not.
_NOT_HERE = {
    "test_every_command_feels_back_pressure",
    "test_a_paused_broker_refuses_commands_and_finds_no_jobs",
}
SCENARIOS = [each for each in golden.scenarios() if each.name not in _NOT_HERE]


class Told:
    """One call: what was said of it before, and what it failed with."""

    def __init__(
        self, rpc: str, request: Any, findings: tuple[Finding, ...], error: Exception | None
    ) -> None:
        self.rpc = rpc
        self.request = request
        self.findings = findings
        self.error = error

    @property
    def kinds(self) -> set[str]:
        return {each.kind for each in self.findings}

    @property
    def names(self) -> set[str]:
        return {each.name for each in self.findings}

    def plain(self, tag: str) -> tuple[str, str]:
        """The request, comparable with that of another play."""
        text = text_format.MessageToString(self.request).replace(tag, "")
        return self.rpc, re.sub(r"\b225[12]\d{12}\b", "KEY", text)


class Rehearsing(Caller):
    """Judges each request, then makes the call on another caller, and keeps both."""

    def __init__(self, caller: Caller, version: str) -> None:
        self._caller = caller
        self._version = parse_version(version)
        self.told: list[Told] = []

    def _judged(self, rpc: str, request: Any, make: Any) -> Any:
        findings = Judge(rpc).judge(request.SerializeToString(), self._version)
        try:
            answer = make()
        except (grpc.RpcError, CamundaError) as error:
            self.told.append(Told(rpc, request, findings, error))
            raise
        self.told.append(Told(rpc, request, findings, None))
        return answer

    def unary(self, rpc: str, request: Any, timeout: float | None) -> Any:
        return self._judged(rpc, request, lambda: self._caller.unary(rpc, request, timeout))

    def activate(self, request: Any, timeout: float | None) -> list[Any]:
        found: list[Any] = self._judged(
            "ActivateJobs", request, lambda: self._caller.activate(request, timeout)
        )
        return found

    def stream(self, request: Any, timeout: float | None) -> Stream:
        findings = Judge("StreamActivatedJobs").judge(request.SerializeToString(), self._version)
        stream = self._caller.stream(request, timeout)
        told = Told("StreamActivatedJobs", request, findings, None)
        self.told.append(told)
        ended = stream.ended

        def noted(error: Exception | None) -> None:
            told.error = error
            ended(error)

        stream.ended = noted  # type: ignore[method-assign]
        if stream.error is not None:
            told.error = stream.error
        return stream

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def callers(gateway: Gateway) -> Iterator[tuple[Caller, Caller]]:
    """One on each wire."""
    made = BY_NAME[NATIVE].open(gateway), BY_NAME["rest"].open(gateway)
    yield made
    for each in made:
        each.close()


def refused_here(error: Exception | None) -> bool:
    """Whether this library refused the request, before anything was sent."""
    return isinstance(error, (InvalidRequest, Unimplemented)) and not error.sent


def hold_together(told: Told) -> None:
    """What was said and what happened over REST, both ways."""
    if Finding(TOO_OLD, told.rpc, "", "")[:2] in {each[:2] for each in told.findings}:
        assert isinstance(told.error, Unimplemented)  # an operation is asked for, and is not there
        return
    said_here = bool(told.kinds & {CARRIED_NOT, TOO_OLD})
    assert said_here == refused_here(told.error), (told.rpc, told.findings, told.error)
    if REFUSED_BY_REST in told.kinds:
        assert isinstance(told.error, CamundaError), (told.rpc, told.findings)
        assert told.error.sent


def _of_a_partition_that_only_the_cluster_knows(request: Any) -> bool:
    keys = [value for field, value in request.ListFields() if field.name.endswith("Key")]
    return any(type(key) is int and key >> 51 > 1 for key in keys)


@on_gateways("embedded", wires={GRPC, REST}, before="8.7")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name.removeprefix("test_"))
def test_each_call_of_a_scenario_fares_over_rest_as_its_rehearsal_said(
    gateway: Gateway, callers: tuple[Caller, Caller], scenario: Scenario
) -> None:
    caller = Rehearsing(callers[1], gateway.version)
    case = Case(gateway, BY_NAME["rest"], caller)
    try:
        scenario.perform(case)
    finally:
        case.close()
    assert caller.told
    for told in caller.told:
        hold_together(told)
    for entry in case.entries:
        if entry.differs in FORESEEN and not _of_a_partition_that_only_the_cluster_knows(entry.request):
            findings = Judge(entry.rpc).judged(entry.request, parse_version(gateway.version))
            assert entry.differs in {each.name for each in findings}, (entry.rpc, entry.differs)


@on_gateways("embedded", wires={GRPC, REST}, before="8.7")
@pytest.mark.parametrize("name", PINS)
def test_a_published_difference_is_foreseen(
    gateway: Gateway, callers: tuple[Caller, Caller], name: str
) -> None:
    native, rest = (Rehearsing(each, gateway.version) for each in callers)
    cases = Case(gateway, BY_NAME[NATIVE], native), Case(gateway, BY_NAME["rest"], rest)
    try:
        PINS[name](*cases)
    finally:
        for case in cases:
            case.close()
    for told in rest.told:
        hold_together(told)
    taken = {told.plain(cases[0].tag) for told in native.told if told.error is None}
    for told in rest.told:
        if isinstance(told.error, CamundaError) and told.plain(cases[1].tag) in taken:
            assert any(each.blocking for each in told.findings), (told.rpc, told.error)
    if name in FORESEEN:
        assert name in set().union(*(told.names for told in rest.told))


def test_every_published_difference_is_foreseen_or_said_not_to_be() -> None:
    assert set(FORESEEN) | set(NOT_FORESEEN) == set(DIFFERENCES)
    assert not set(FORESEEN) & set(NOT_FORESEEN)
