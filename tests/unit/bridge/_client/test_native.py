"""The shortest way of a call over gRPC says, makes and refuses what the way through the words of REST does."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings

import bridge
from bridge import models
from bridge._canary.live import LiveRoutes
from bridge._canary.shadow import Shadow
from bridge._client import native
from bridge._client.caller import Caller
from bridge._doors.translation import message_of
from bridge._table.mapping import RestRequest
from bridge._table.transcode import exchange
from bridge._table.versions import newer_fields
from bridge.routing import Routes
from camunda_core.errors import CamundaError, Internal, InvalidRequest
from camunda_rest._commands.arguments import snake
from camunda_rest._commands.decoding import reader
from camunda_rest._commands.writing import arguments_of, write_command
from camunda_rest._encoding import MAX_DEPTH
from tests.contract import fill
from tests.unit.bad_values import CONTAINERS, NUMBERS, OTHERS, TEXTS
from tests.unit.bridge.client_calls import RPCS, SHAPES, complete_arguments

#: What is said otherwise in REST than by its arguments alone, and so has no shorter way.
LONG_WAY = {
    "CreateProcessInstanceWithResult",
    "DeployProcess",
    "DeployResource",
    "MigrateProcessInstance",
    "StreamActivatedJobs",
    "UpdateJobPriority",
    "UpdateJobRetries",
    "UpdateJobTimeout",
}
SHORT = [rpc for rpc in RPCS if rpc not in LONG_WAY]
#: Nested deeply, or huge, costs too much to be tried everywhere.
VALUES = [*NUMBERS[:9], *NUMBERS[11:], *TEXTS[:3], *TEXTS[7:11], *CONTAINERS[:-4], *OTHERS]


def the_long_way(rpc: str, given: Mapping[str, Any], tenant_id: str | None) -> Any:
    return message_of(rpc, RestRequest(*write_command(bridge.Client, rpc, given, tenant_id)))


def the_short_way(rpc: str, given: Mapping[str, Any], tenant_id: str | None) -> Any:
    write = native.writes(bridge.Client, rpc)
    assert write is not None
    return write(given, tenant_id)[0]


def outcome(way: Any, *arguments: Any) -> Any:
    """What comes of it: the answer, or all that an error says."""
    try:
        return way(*arguments)
    except CamundaError as error:
        return type(error), str(error), error.operation, error.sent, error.__cause__


def test_every_rpc_whose_arguments_stand_at_the_top_of_its_request_goes_the_short_way() -> None:
    assert {rpc for rpc in RPCS if native.writes(bridge.Client, rpc) is None} == LONG_WAY


@pytest.mark.parametrize("rpc", SHORT)
@pytest.mark.parametrize("tenant_id", [None, "mine"])
def test_all_arguments_make_the_same_message(rpc: str, tenant_id: str | None) -> None:
    for shape in SHAPES:
        _, given = complete_arguments(rpc, shape)
        for some in (given, {**given, "tenant_id": None} if "tenant_id" in given else given):
            made = the_short_way(rpc, some, tenant_id)
            assert made == the_long_way(rpc, some, tenant_id)
            assert type(made) is exchange(rpc).request_class


@pytest.mark.parametrize("rpc", SHORT)
def test_each_argument_with_anything_in_it_is_taken_or_refused_alike(rpc: str) -> None:
    for shape in SHAPES:
        _, given = complete_arguments(rpc, shape)
        for name in given:
            for value in VALUES:
                some = {**given, name: value}
                said = outcome(the_short_way, rpc, some, None)
                assert said == outcome(the_long_way, rpc, some, None), (name, shape)


@pytest.mark.parametrize("rpc", SHORT)
def test_what_may_be_newer_than_a_cluster_is_never_missed(rpc: str) -> None:
    write = native.writes(bridge.Client, rpc)
    assert write is not None
    for shape in SHAPES:
        _, whole = complete_arguments(rpc, shape)
        known = arguments_of(bridge.Client, rpc)
        some = {name: None if known[name][1].optional else value for name, value in whole.items()}
        for tried in (whole, *({**some, name: value} for name, value in whole.items())):
            try:
                message, newer = write(tried, None)
            except InvalidRequest:
                continue  # it takes more than this one
            assert newer or not list(newer_fields(message)), tried


def test_the_arguments_of_every_day_hold_nothing_newer() -> None:
    write = native.writes(bridge.Client, "CreateProcessInstance")
    assert write is not None
    _, whole = complete_arguments("CreateProcessInstance", next(iter(SHAPES)))
    everyday = dict.fromkeys(whole) | {"process_definition_id": "order", "variables": {"a": 1}}
    assert write(everyday, None)[1] is False
    assert write({**everyday, "tags": ["a"]}, None)[1] is True


@pytest.mark.parametrize("levels", range(MAX_DEPTH - 3, MAX_DEPTH + 3))
def test_variables_may_be_nested_as_deeply_on_either_way(levels: int) -> None:
    deep: Any = 1
    for _ in range(levels):
        deep = [deep]
    some = {"job_key": 5, "variables": {"a": deep}}
    said = outcome(the_short_way, "CompleteJob", some, None)
    assert said == outcome(the_long_way, "CompleteJob", some, None)
    assert isinstance(said, tuple) is (levels > MAX_DEPTH - 2)


def result_of(rpc: str) -> Any:
    return get_type_hints(getattr(bridge.Client, snake(rpc)))["return"]


ANSWERED = [rpc for rpc in RPCS if dataclasses.is_dataclass(result_of(rpc))]


def the_long_reading(rpc: str, message: Any) -> Any:
    return reader(result_of(rpc))(exchange(rpc).answer_to_rest(message), {})


#: Those whose answers are regular, and read without a detour.
REGULAR = {
    "BroadcastSignal",
    "CreateProcessInstance",
    "CreateProcessInstanceWithResult",
    "EvaluateConditional",
    "PublishMessage",
}


def test_what_is_regular_is_read_without_a_detour() -> None:
    assert {
        rpc
        for rpc in ANSWERED
        if native._builder(exchange(rpc).answer_codec, result_of(rpc)) and native.reads(rpc, result_of(rpc))
    } == REGULAR


@pytest.mark.parametrize("rpc", ANSWERED)
def test_any_answer_is_read_alike(rpc: str) -> None:
    read = native.reads(rpc, result_of(rpc))
    if read is None:
        assert exchange(rpc).operation.keys  # the key that the result repeats stands in the request
        return

    @settings(max_examples=15)
    @given(fill.anything(exchange(rpc).answer_class))
    def run(message: Any) -> None:
        assert outcome(read, message) == outcome(the_long_reading, rpc, message)

    if rpc in REGULAR:
        run()
    for message in (exchange(rpc).answer_class(), fill.filled(exchange(rpc).answer_class)):
        said = outcome(read, message)
        assert said == outcome(the_long_reading, rpc, message)
        assert type(said) in (result_of(rpc), tuple)


def test_what_cannot_be_read_is_told_alike() -> None:
    message = exchange("CreateProcessInstanceWithResult").answer_class(processInstanceKey=5)
    for text in ("[1]", "{", '{"a": NaN}'):
        message.variables = text
        read = native.reads("CreateProcessInstanceWithResult", models.ProcessInstanceResult)
        assert read is not None
        said = outcome(read, message)
        assert said == outcome(the_long_reading, "CreateProcessInstanceWithResult", message)
        assert said[0] is Internal


def test_no_two_results_share_what_can_be_changed() -> None:
    read = native.reads("CreateProcessInstanceWithResult", models.ProcessInstanceResult)
    assert read is not None
    message = exchange("CreateProcessInstanceWithResult").answer_class(processInstanceKey=5)
    read(message).variables["mine"] = 1
    assert read(message).variables == {}


GIVEN = {"job_key": 5, "variables": {"a": 1}}


def caller(routes: str, **more: Any) -> Caller:
    return Caller(Routes.read(routes, rest=True, grpc=True), bridge.Client, **{"one_wire": True, **more})


def test_the_short_way_is_that_of_calls_which_go_over_grpc_alone() -> None:
    call = caller("grpc").direct("CompleteJob", GIVEN, (3, None))
    assert call is not None
    assert (call.rpc, call.timeout, call.retry, call.read) == ("CompleteJob", 3, None, None)
    assert call.message == the_long_way("CompleteJob", GIVEN, None)
    for routes in ("rest", "grpc, CompleteJob=rest", "grpc, CompleteJob=off", "grpc:50%", "grpc, job:a=rest"):
        assert caller(routes).direct("CompleteJob", GIVEN, (3, None)) is None
    assert caller("grpc", one_wire=False).direct("CompleteJob", GIVEN, (3, None)) is None


def test_routes_that_change_take_calls_off_the_short_way_and_back() -> None:
    native_only, rest_only = (Routes.read(routes, rest=True, grpc=True) for routes in ("grpc", "rest"))
    routes = LiveRoutes(native_only)
    moved = Caller(routes, bridge.Client, one_wire=True)
    for now, short in ((native_only, True), (rest_only, False), (native_only, True)):
        routes.replace(now)
        assert (moved.direct("CompleteJob", GIVEN, (3, None)) is not None) is short


def test_a_client_that_also_asks_the_other_wire_goes_the_way_that_both_know() -> None:
    addresses: dict[str, Any] = {"rest_address": "http://127.0.0.1:1", "grpc_address": "127.0.0.1:1"}
    cases: list[tuple[dict[str, Any], bool]] = [({}, True), ({"shadow": Shadow("Topology")}, False)]
    for more, short in cases:
        with bridge.Client(**addresses, routes="grpc, Topology=rest", **more) as client:
            assert (client._caller.direct("CompleteJob", GIVEN, (3, None)) is not None) is short


def test_what_is_wrong_with_the_limits_names_the_rpc() -> None:
    for limits in ((-1, None), (None, 5)):
        with pytest.raises(InvalidRequest, match=r"^CompleteJob: (timeout|retry)"):
            caller("grpc").direct("CompleteJob", GIVEN, limits)
