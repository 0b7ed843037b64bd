"""Every method of the clients, called with every argument: made from the signatures alone."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import count
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import bridge
from bridge._table.mapping import RestRequest
from camunda_core.errors import ConfigurationError, Internal, InvalidRequest
from camunda_core.retry import RetryPolicy
from camunda_grpc import gateway_pb2
from camunda_rest._commands.arguments import snake
from camunda_rest._commands.table import COMMANDS

RPCS = [each.name for each in gateway_pb2.DESCRIPTOR.services_by_name["Gateway"].methods]
DEPLOYMENTS = ("DeployProcess", "DeployResource")
#: Turns that reach every alternative of every argument together.
SHAPES = (0, 1, 2)


def complete_arguments(rpc: str, shape: int) -> tuple[list[Any], dict[str, Any]]:
    """Values for all arguments of a method, no two alike; of alternatives the one whose turn it is."""
    method = getattr(bridge.Client, snake(rpc))
    hints = get_type_hints(method, include_extras=True)
    numbers = count(1)
    given: dict[str, Any] = {}
    resources: list[Any] = []
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            resources = [("a.bpmn", b"\x00a"), ("ä.dmn", b"b")]
        elif name not in ("self", "timeout", "retry"):
            given[name] = value_of(hints[name], name, numbers, shape)
    choices = tuple(COMMANDS[rpc].choice.items())
    for index, (name, companions) in enumerate(choices):
        if index != shape % len(choices):
            for each in (name, *companions):
                del given[each]
    return resources, given


def value_of(hint: Any, name: str, numbers: Iterator[int], shape: int) -> Any:
    number = next(numbers)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        options = [each for each in get_args(hint) if each is not type(None)]
        if {str, int} == set(options):
            return number if shape % 2 else str(number)
        if timedelta in options:
            return timedelta(seconds=number) if shape % 2 else float(number)
        return value_of(options[shape % len(options)], name, numbers, shape)
    if origin is Annotated:
        return value_of(hint.__origin__, name, numbers, shape)
    if origin is Literal:
        return get_args(hint)[-1]
    if origin is not None and issubclass(origin, Mapping):
        return {f"v{number}": [number, None, {"ä": -0.5}]}
    if origin is not None and issubclass(origin, Iterable):
        return tuple(value_of(get_args(hint)[0], name, numbers, shape) for _ in range(2))
    if dataclasses.is_dataclass(hint):
        return _instance(hint, numbers, shape)
    text = f"2031-01-01T00:00:{number:02}Z" if name.endswith("_date") else f"{name}_{number}"
    return {str: text, int: number, bool: True}[hint]


def _instance(cls: Any, numbers: Iterator[int], shape: int) -> Any:
    hints = get_type_hints(cls, include_extras=True)
    given = {
        each.name: value_of(hints[each.name], each.name, numbers, shape)
        for each in dataclasses.fields(cls)
        if each.init
    }
    try:
        return cls(**given)
    except InvalidRequest:  # takes one of its fields
        name = list(given)[shape % len(given)]
        return cls(**{name: given[name]})


class Recorder:
    """A door that keeps the requests and answers each with the same."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.requests: list[tuple[str, RestRequest]] = []

    def call(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        self.requests.append((rpc, request))
        return self.answer

    activate = call

    def stream(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
    ) -> Recorder:
        self.requests.append((rpc, request))
        return self

    def cancel(self) -> bool:
        return True

    def abandon(self) -> None:
        """Nothing to end."""

    def close(self) -> None:
        """Nothing to close."""


def request_of(rpc: str, shape: int) -> RestRequest:
    """What the method of an RPC sends when every argument is given."""
    client = bridge.Client(rest_address="http://127.0.0.1:1")
    recorder = Recorder({"jobs": []})
    client._doors = {"rest": recorder}  # type: ignore[dict-item]
    resources, given = complete_arguments(rpc, shape)
    call(client, rpc, resources, given)
    ((sent, request),) = recorder.requests
    assert sent == rpc
    return request


def call(client: Any, rpc: str, resources: list[Any], given: dict[str, Any]) -> Any:
    """Calls the method; an answer that its result class cannot be made of is None."""
    try:
        return getattr(client, snake(rpc))(*resources, **given)
    except Internal:
        return None


class Blocking:
    """An AsyncClient in a loop of its own, used like a Client."""

    def __init__(self, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        try:
            self._client = self._run(self._made(options))
        except ConfigurationError:
            self._loop.close()
            raise

    async def _made(self, options: dict[str, Any]) -> bridge.AsyncClient:
        return bridge.AsyncClient(**options)

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: self._run(getattr(self._client, name)(*args, **kwargs))

    def close(self) -> None:
        self._run(self._client.aclose())
        self._loop.close()
