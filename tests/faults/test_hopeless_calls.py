"""What no repetition heals is not repeated, and what was repeated says so: on both wires, sync and asyncio."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

import bridge
import camunda_grpc
from camunda_core.credentials import Bearer
from camunda_core.errors import AuthenticationError, CamundaError, Unauthenticated, Unavailable
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.fakes.grpc import Abort, Answer, ScriptedGateway
from tests.fakes.ports import free_port
from tests.fakes.rest import RestServer, answer, problem
from tests.unit.bridge.client_calls import Blocking

FAST = RetryPolicy(max_attempts=3, initial_delay=0.01)
DETAIL = "Expected to handle REST API request, but request could not be delivered"
NOT_FOUND = "io.camunda.zeebe.broker.client.api.PartitionNotFoundException"
NO_PARTITION = "Expected to execute command on partition 9, but either it does not exist, or the gateway is not yet aware of it"
NO_LEADER = "Expected to execute command on partition 1, but it is not available"


@pytest.fixture
def rest() -> Iterator[RestServer]:
    with RestServer() as server:
        yield server


@pytest.fixture
def native() -> Iterator[ScriptedGateway]:
    server = ScriptedGateway()
    yield server
    server.stop()


@pytest.fixture(params=["rest", "grpc"])
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sync", "asyncio"])
def failure(request: pytest.FixtureRequest) -> Callable[..., CamundaError]:
    """What a call of a client of each kind raises."""

    def raised(call: Callable[[Any], Any], **options: Any) -> CamundaError:
        options = {"retry": FAST, "timeout": 10, **options}
        client: Any = bridge.Client(**options) if request.param == "sync" else Blocking(**options)
        try:
            with pytest.raises(CamundaError) as caught:
                call(client)
        finally:
            client.close()
        return caught.value

    return raised


def address(wire: str, host: str) -> dict[str, str]:
    return {"rest_address": f"http://{host}"} if wire == "rest" else {"grpc_address": host}


def topology(client: Any) -> Any:
    return client.topology()


def complete(client: Any) -> Any:
    return client.complete_job(20266198323167237)


def test_a_host_name_that_does_not_resolve_is_asked_for_once(failure: Any, wire: str) -> None:
    error = failure(topology, **address(wire, "no-such-host.invalid:26500"))
    assert isinstance(error, Unavailable)
    assert (error.sent, error.lasting, error.attempts) == (False, True, 1)
    assert "no-such-host.invalid" in str(error)
    assert "tried" not in str(error)


@pytest.mark.parametrize(
    "details",
    [
        "DNS resolution failed for gateway:26500: C-ares status is not ARES_SUCCESS qtype=A name=gateway is_balancer=0: "
        "Domain name not found",
        "errors resolving gateway:26500: [field:hostname lookup error:UNKNOWN: getaddrinfo(gateway): Name or service not known]",
        "name resolution failed: Name or service not known",
        "empty address list: ",
    ],
)
def test_all_words_of_grpc_for_an_unknown_host_mean_that(details: str) -> None:
    class Raised(grpc.RpcError):
        def code(self) -> grpc.StatusCode:
            return grpc.StatusCode.UNAVAILABLE

        def details(self) -> str:
            return details

    error = camunda_grpc._errors.from_rpc_error(Raised())
    assert error.lasting
    assert not error.sent


@pytest.mark.parametrize(("title", "detail"), [(NOT_FOUND, DETAIL), ("UNAVAILABLE", NO_PARTITION)])
def test_a_key_of_no_partition_is_sent_once(
    failure: Any, wire: str, title: str, detail: str, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(problem(503, title, detail))
    native.script["CompleteJob"] = [Abort(grpc.StatusCode.UNAVAILABLE, NO_PARTITION)]
    error = failure(complete, rest_address=rest.address, grpc_address=native.address, transport=wire)
    assert isinstance(error, Unavailable)
    assert (error.answered, error.lasting, error.attempts) == (True, True, 1)
    assert len(rest.requests) + native.count("CompleteJob") == 1


@pytest.mark.parametrize(("title", "detail"), [(NOT_FOUND, DETAIL), ("UNAVAILABLE", NO_PARTITION)])
def test_a_gateway_that_knows_no_partition_yet_is_asked_again_where_no_key_names_one(
    failure: Any, wire: str, title: str, detail: str, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(problem(503, title, detail))
    native.script["CreateProcessInstance"] = [Abort(grpc.StatusCode.UNAVAILABLE, NO_PARTITION)]
    given = {"rest_address": rest.address, "grpc_address": native.address, "transport": wire}
    error = failure(lambda client: client.create_process_instance("p"), **given)
    assert (error.answered, error.lasting, error.attempts) == (True, False, 3)
    assert len(rest.requests) + native.count("CreateProcessInstance") == 3


def test_a_partition_without_a_leader_is_waited_for(
    failure: Any, wire: str, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(problem(503, "UNAVAILABLE", NO_LEADER))
    native.script["CompleteJob"] = [Abort(grpc.StatusCode.UNAVAILABLE, NO_LEADER)]
    error = failure(complete, rest_address=rest.address, grpc_address=native.address, transport=wire)
    assert (error.lasting, error.attempts) == (False, 3)
    assert len(rest.requests) + native.count("CompleteJob") == 3


def test_an_error_says_how_often_and_for_how_long_the_call_was_tried(failure: Any, wire: str) -> None:
    error = failure(topology, **address(wire, f"127.0.0.1:{free_port()}"))
    assert error.attempts == 3
    assert 0.02 <= error.elapsed < 10
    assert str(error).endswith(f"(tried 3 times in {error.elapsed:.1f} s)")
    assert "tried" not in error.message


def test_an_attempt_with_a_renewed_token_counts(
    failure: Any, wire: str, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(answer(401))
    native.script["Topology"] = [Abort(grpc.StatusCode.UNAUTHENTICATED)]
    given = {"rest_address": rest.address, "grpc_address": native.address, "transport": wire}
    error = failure(topology, **given, credentials=Bearer(lambda: "token"))
    assert isinstance(error, Unauthenticated)
    assert error.attempts == 2


def test_a_token_endpoint_whose_name_does_not_resolve_is_asked_once(
    failure: Any, wire: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "camunda_core")
    oauth = OAuth("http://no-such-host.invalid/token", "id", "secret")
    asked: list[float] = []
    request = oauth._endpoint.request
    oauth._endpoint.request = lambda: (asked.append(1.0), request())[1]  # type: ignore[method-assign]
    error = failure(topology, **address(wire, f"127.0.0.1:{free_port()}"), credentials=oauth)
    assert isinstance(error, Unavailable)
    assert not isinstance(error, AuthenticationError)
    assert (error.lasting, error.attempts, len(asked)) == (True, 1, 1)


# Callers who repeat for themselves


class Repeating(grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    """A retry interceptor as programs have them."""

    def __init__(self) -> None:
        self.errors: list[Any] = []

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        for _ in range(2):
            call = continuation(details, request)
            if call.code() is grpc.StatusCode.OK:
                return call
            self.errors.append(call.exception())
        return call


@pytest.mark.parametrize(("retry", "each"), [(NO_RETRY, 1), (FAST, 3)])
def test_no_retry_leaves_repeating_to_the_callers_interceptor(
    wire: str, retry: RetryPolicy, each: int, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(problem(503, "UNAVAILABLE", NO_LEADER))
    native.script["Topology"] = [Abort(grpc.StatusCode.UNAVAILABLE, NO_LEADER)]
    repeating = Repeating()
    with bridge.channel(rest.address, grpc_address=native.address, routes=wire, retry=retry) as channel:
        stub = stubs.GatewayStub(grpc.intercept_channel(channel, repeating))
        with pytest.raises(grpc.RpcError) as caught:
            stub.Topology(pb.TopologyRequest())
    assert len(rest.requests) + native.count("Topology") == 2 * each
    assert [error.attempts for error in repeating.errors] == [each, each]
    assert caught.value.details() == NO_LEADER  # the server's own words, as natively


def test_no_retry_leaves_repeating_to_a_service_config(native: ScriptedGateway) -> None:
    policy = {
        "maxAttempts": 3,
        "initialBackoff": "0.01s",
        "maxBackoff": "0.01s",
        "backoffMultiplier": 1,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    config = json.dumps(
        {"methodConfig": [{"name": [{"service": "gateway_protocol.Gateway"}], "retryPolicy": policy}]}
    )
    native.script["Topology"] = [Abort(grpc.StatusCode.UNAVAILABLE)] * 2 + [
        Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))
    ]
    with camunda_grpc.channel(
        native.address, retry=NO_RETRY, options=(("grpc.service_config", config),)
    ) as channel:
        assert stubs.GatewayStub(channel).Topology(pb.TopologyRequest()).gatewayVersion == "8.6.0"
    assert native.count("Topology") == 3
