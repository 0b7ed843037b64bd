"""Whatever is given for whichever argument of a typed method: it is refused by name and nothing is sent, or it is sent.

The methods and their arguments are read from the classes, so that a new one is covered at once. Each is called four ways, sync and
asyncio over both wires, which must agree to the word.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridge
from camunda_core.errors import CamundaError
from camunda_core.retry import NO_RETRY
from camunda_rest._commands.arguments import snake
from tests.fakes.grpc import ScriptedGateway
from tests.fakes.rest import RestServer, answer
from tests.unit.bad_values import REFUSALS, described, each_bad, values
from tests.unit.bridge.client_calls import RPCS, complete_arguments

pytestmark = pytest.mark.filterwarnings("ignore:deploy_process:DeprecationWarning")

SENT = ("sent", "", "")
#: What an earlier call sent within a time limit of next to nothing may arrive while a later one is refused. A call that
#: sends and is refused all the same does so every time.
TRIES = 20


class Four:
    """A client of each kind on each wire, against servers that count."""

    def __init__(self, rest: RestServer, native: ScriptedGateway) -> None:
        self.rest, self.native = rest, native
        self.loop = asyncio.new_event_loop()
        #: Polls of the streams that were opened here may come at any time.
        self.streamed = False
        options: dict[str, Any] = {
            "rest_address": rest.address,
            "grpc_address": native.address,
            "cluster_version": "8.10",
            "retry": NO_RETRY,
        }
        self.sync = [bridge.Client(**options, transport=wire) for wire in ("rest", "grpc")]
        self.asyncio = self.loop.run_until_complete(self._made(options))

    async def _made(self, options: dict[str, Any]) -> list[bridge.AsyncClient]:
        return [bridge.AsyncClient(**options, transport=wire) for wire in ("rest", "grpc")]

    def sent(self) -> int:
        return len(self.rest.requests) + len(self.native.calls)

    def outcomes(self, method: str, args: list[Any], given: dict[str, Any]) -> list[tuple[str, str, str]]:
        """Of each client: that it sent, or the class and the text of the refusal."""
        self.streamed = method == "stream_activated_jobs"
        found = []
        for client in self.sync:
            found.append(self._outcome(lambda client=client: self._called(client, method, args, given)))
        for other in self.asyncio:
            found.append(
                self._outcome(
                    lambda other=other: self.loop.run_until_complete(
                        self._awaited(other, method, args, given)
                    )
                )
            )
        return found

    def _outcome(self, call: Any) -> tuple[str, str, str]:
        said = ""
        for _ in range(TRIES):
            before = self.sent()
            try:
                call()
            except REFUSALS as error:
                said = str(error)
                if self.sent() == before or self.streamed:
                    return ("refused", type(error).__name__, said)
                time.sleep(0.1)
            except CamundaError:
                return SENT  # what the scripted server answers is no answer to most
            else:
                return SENT
        raise AssertionError(f"sent all the same: {said}")

    @staticmethod
    def _called(client: Any, method: str, args: list[Any], given: dict[str, Any]) -> None:
        result = getattr(client, method)(*args, **given)
        if isinstance(result, bridge._client.client.JobStream):
            result.close()

    @staticmethod
    async def _awaited(client: Any, method: str, args: list[Any], given: dict[str, Any]) -> None:
        result = getattr(client, method)(*args, **given)
        if inspect.isawaitable(result):
            await result
        else:
            await result.aclose()

    def close(self) -> None:
        for client in self.sync:
            client.close()
        for other in self.asyncio:
            self.loop.run_until_complete(other.aclose())
        self.loop.close()


@pytest.fixture(scope="module")
def four() -> Iterator[Four]:
    logging.disable(logging.CRITICAL)
    native = ScriptedGateway()
    with RestServer() as rest:
        rest.script(answer(204))
        made = Four(rest, native)
        yield made
        made.close()
    native.stop()
    logging.disable(logging.NOTSET)


def arguments_of(rpc: str, shape: int) -> list[str]:
    resources, good = complete_arguments(rpc, shape)
    return [*good, "timeout", "retry", *(["resources"] if resources else [])]


def check(four: Four, rpc: str, shape: int, name: str, value: Any) -> tuple[str, str, str]:
    resources, good = complete_arguments(rpc, shape)
    args = [value] if name == "resources" else resources
    if name != "resources":
        good[name] = value
    outcomes = four.outcomes(snake(rpc), args, good)
    what = f"{snake(rpc)}({name}={described(value)}): {outcomes}"[:2000]
    assert len(set(outcomes)) == 1, what
    if outcomes[0] != SENT:
        text = outcomes[0][2]
        assert name in text or ("exactly one of" in text and value is None), what
        assert len(text) < 1000, what
    return outcomes[0]


@pytest.mark.parametrize("rpc", RPCS)
def test_every_bad_value_of_every_argument_is_refused_by_name_or_sent(rpc: str, four: Four) -> None:
    shape = 1
    for name, value in each_bad(arguments_of(rpc, shape)):
        check(four, rpc, shape, name, value)


# Streams poll in threads of their own, whose jittered pauses would disturb Hypothesis; ActivateJobs has the same arguments.
@pytest.mark.parametrize("rpc", [rpc for rpc in RPCS if rpc != "StreamActivatedJobs"])
@given(data=st.data())
def test_no_value_at_all_comes_out_as_anything_else(rpc: str, four: Four, data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from((0, 1, 2)))
    name = data.draw(st.sampled_from(arguments_of(rpc, shape)))
    check(four, rpc, shape, name, data.draw(values))


KEYS = [
    (rpc, name)
    for rpc in RPCS
    for name in inspect.signature(getattr(bridge.Client, snake(rpc))).parameters
    if name.endswith("_key") and name != "correlation_key"
]


@pytest.mark.parametrize(("rpc", "name"), KEYS)
@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63), "9" * 20, 1.0, True, "", "abc", "1.0", "٣", b"1", float("nan"), Decimal(1)],
)
def test_what_can_be_no_key_is_refused(rpc: str, name: str, value: Any, four: Four) -> None:
    shape = next(shape for shape in (0, 1, 2) if name in complete_arguments(rpc, shape)[1])
    kind, error, text = check(four, rpc, shape, name, value)
    assert (kind, error) == ("refused", "InvalidRequest")
    assert f"{rpc}: {name} must be a key" in text


REQUIRED = [
    (rpc, name)
    for rpc in RPCS
    for name, parameter in inspect.signature(getattr(bridge.Client, snake(rpc))).parameters.items()
    if parameter.default is parameter.empty and name not in ("self", "resources")
]


@pytest.mark.parametrize(("rpc", "name"), REQUIRED)
def test_none_is_no_value_of_an_argument_that_must_be_given(rpc: str, name: str, four: Four) -> None:
    kind, error, text = check(four, rpc, 0, name, None)
    assert (kind, error) == ("refused", "InvalidRequest")
    assert text.startswith(f"{rpc}: {name} must be ")
