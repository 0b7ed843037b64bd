"""``bridge.Client`` as a caller: requests become arguments, results become messages again, by the rules of their names."""

from __future__ import annotations

import dataclasses
import threading
import types
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import bridge
from bridge._dropin.status import rpc_error
from bridge._table.mapping import ROWS
from bridge._table.transcode import exchange
from camunda_core.errors import CamundaError
from camunda_core.retry import NO_RETRY
from camunda_rest._commands.arguments import camel, snake
from tests.gateways.base import Gateway
from tests.scenarios.callers import Caller, Stream

#: Arguments in seconds that are milliseconds on the wires.
_DURATIONS = frozenset({"job_timeout", "request_timeout", "retry_back_off", "time_to_live"})
_NO_RESULT: Mapping[str, Any] = {}


class ClientCaller(Caller):
    """Through ``bridge.Client`` with everything on one wire."""

    def __init__(self, gateway: Gateway, wire: str) -> None:
        addresses = {f"{wire}_address": getattr(gateway, f"{wire}_address")}
        self._client = bridge.Client(**addresses, transport=wire, retry=NO_RETRY)  # type: ignore[arg-type]

    def unary(self, rpc: str, request: Any, timeout: float | None) -> Any:
        with _shown_as_on_a_channel():
            return _message(rpc, self._call(rpc, request, timeout))

    def activate(self, request: Any, timeout: float | None) -> list[Any]:
        with _shown_as_on_a_channel():
            jobs = self._call("ActivateJobs", request, timeout)
        return [_message("ActivateJobs", jobs)] if jobs else []

    def stream(self, request: Any, timeout: float | None) -> Stream:
        fields = {each.name: value for each, value in request.ListFields()}
        polls = exchange("ActivateJobs").request_class(**fields, maxJobsToActivate=1)
        given = {
            name: value for name, value in _arguments("ActivateJobs", polls).items() if "max" not in name
        }
        with _shown_as_on_a_channel():
            source = self._client.stream_activated_jobs(**given, timeout=timeout)
        stream = Stream(source.close)

        def read() -> None:
            try:
                for job in source:
                    stream.arrived(_message("ActivateJobs", [job]).jobs[0])
                stream.ended(None)
            except CamundaError as error:
                stream.ended(rpc_error(error))

        threading.Thread(target=read, name="scenario-client-stream", daemon=True).start()
        return stream

    def close(self) -> None:
        self._client.close()

    def _call(self, rpc: str, request: Any, timeout: float | None) -> Any:
        row = ROWS[rpc]
        if row.files is None:
            return getattr(self._client, snake(rpc))(**_arguments(rpc, request), timeout=timeout)
        asked = exchange(rpc).to_rest(request)
        tenant = {"tenant_id": asked.body["tenantId"]} if asked.body.get("tenantId") else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # DeployProcess, which is meant here
            return getattr(self._client, snake(rpc))(*asked.files, **tenant, timeout=timeout)


@contextmanager
def _shown_as_on_a_channel() -> Any:
    """Errors of the tree as scenarios read them."""
    try:
        yield
    except CamundaError as error:
        raise rpc_error(error) from None


def _arguments(rpc: str, request: Any) -> dict[str, Any]:
    """The arguments of the method that ask for what the request does."""
    asked = exchange(rpc).to_rest(request)
    body = {**asked.body, **asked.path}
    row = ROWS[rpc]
    for name in row.inside:
        body.update(body.pop(name))
    for name in row.always:
        del body[name]
    method: Callable[..., Any] = getattr(bridge.Client, snake(rpc))
    hints = get_type_hints(method, include_extras=True)
    given = {}
    for rest, value in body.items():
        name = "job_timeout" if rest == "timeout" else snake(rest)
        if name in _DURATIONS:
            value = _seconds(rpc, name, value)
        if value is not None:
            given[name] = _made(hints[name], value)
    return given


def _seconds(rpc: str, name: str, milliseconds: int) -> float | None:
    """A length of time; None is the server's own, and no wait at all is 0 for a poll."""
    if name != "request_timeout":
        return milliseconds / 1000
    if rpc == "ActivateJobs" and milliseconds < 0:
        return 0
    return milliseconds / 1000 if milliseconds > 0 else None


def _made(hint: Any, value: Any) -> Any:
    """A value as its hint wants it: objects as the classes of the arguments."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        options = [each for each in get_args(hint) if each is not types.NoneType]
        return _made(options[0], value) if len(options) == 1 else value
    if origin is Annotated:
        return _made(hint.__origin__, value)
    if origin is not None and issubclass(origin, Iterable) and not issubclass(origin, Mapping):
        return [_made(get_args(hint)[0], each) for each in value]
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        return hint(**{snake(name): _made(hints[snake(name)], each) for name, each in value.items()})  # type: ignore[operator]
    return value


def _message(rpc: str, result: Any) -> Any:
    """The answer message that says what the result does."""
    said = {"jobs": _plain(result)} if rpc == "ActivateJobs" else dict(_plain(result))
    if rpc == "DeployProcess":
        said["deployments"] = [{"processDefinition": each} for each in said.pop("processes")]
    return exchange(rpc).answer_from_rest(said)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {
            camel(each.name): _plain(_time(each.name, getattr(value, each.name)))
            for each in dataclasses.fields(value)
            if getattr(value, each.name) not in (None, "")
        }
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return _NO_RESULT if value is None else value


def _time(name: str, value: Any) -> Any:
    return round(value * 1000) if name == "deadline" else value
