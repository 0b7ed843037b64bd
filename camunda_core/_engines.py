"""The seam between the wires and what carries them: grpcio and aiohttp, or another engine.

A wire asks ``chosen`` which one it is, and is given a ``GrpcTransport`` or an ``HttpTransport``.
What speaks gRPC raises and answers in the words of grpcio, which it is handed as ``GrpcWords``: so
nothing above knows which one runs, and an engine does not need grpcio.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from camunda_core._arguments import shown
from camunda_core.errors import ConfigurationError

__all__ = [
    "AUTO",
    "DEFAULT",
    "ENGINES",
    "FAST",
    "Engine",
    "GrpcTransport",
    "GrpcWords",
    "chosen",
    "engine_of",
    "lacking",
]

DEFAULT, FAST, AUTO = "default", "fast", "auto"
ENGINES = (DEFAULT, FAST, AUTO)
Engine: TypeAlias = Literal["default", "fast", "auto"]


class GrpcWords(NamedTuple):
    """What an engine answers and raises with.

    ``codes``     the status codes by their names
    ``states``    the states of a channel by their names
    ``metadata``  makes metadata of pairs
    ``failure``   makes the error of a call, of its code's name, its text, the initial and the trailing
                  metadata
    ``misused``   makes the error of a call that cannot be made so, such as one on a closed channel
    ``end``       what reading beyond the last message gives
    """

    codes: Mapping[str, Any]
    states: Mapping[str, Any]
    metadata: Callable[..., Any]
    failure: Callable[[str, str, Any, Any], Exception]
    misused: Callable[[str], Exception]
    end: Any


class GrpcTransport(Protocol):
    """What ``camunda_grpc`` needs of a channel: that of a ``grpc.aio.Channel`` is one."""

    def unary_unary(self, method: str, request_serializer: Any, response_deserializer: Any) -> Any: ...
    def unary_stream(self, method: str, request_serializer: Any, response_deserializer: Any) -> Any: ...
    def stream_unary(self, method: str, request_serializer: Any, response_deserializer: Any) -> Any: ...
    def stream_stream(self, method: str, request_serializer: Any, response_deserializer: Any) -> Any: ...
    def get_state(self, try_to_connect: bool = False) -> Any: ...
    async def wait_for_state_change(self, last_observed_state: Any) -> None: ...
    async def channel_ready(self) -> None: ...
    async def close(self, grace: float | None = None) -> None: ...


def engine_of(name: object, where: str = "engine") -> str:
    """The name of an engine. Raises ConfigurationError for one that none has."""
    if isinstance(name, str) and name in ENGINES:
        return name
    raise ConfigurationError(
        f'{where} must be "fast", "auto" or "default" (grpcio and aiohttp), not {shown(name)}'
    )


def chosen(engine: str, lacks: str | None) -> bool:
    """Whether the fast engine carries a wire.

    ``lacks`` says what is asked for that it has not; then "auto" takes the default one.
    Raises ConfigurationError where "fast" cannot be had.
    """
    if engine == DEFAULT:
        return False
    if engine == AUTO and lacks is not None:
        return False
    missing = lacking()
    if missing is None and lacks is None:
        return True
    if engine == AUTO:
        return False
    if missing is not None:
        raise ConfigurationError(f'engine="fast" {missing}')
    raise ConfigurationError(f'engine="fast" has no {lacks}: leave it out, or use engine="default"')


def lacking() -> str | None:
    """What the fast engine needs and is not there; None where it can be used."""
    # The library itself is asked, which is about to be used: asking its distribution takes 15 ms.
    try:
        found = str(import_module("httpunk").__version__)
    except (ImportError, AttributeError):
        found = ""
    if not found:
        return "needs httpunk: pip install 'camunda-bridge[fast]'"
    numbers = tuple(int(part) for part in found.split(".")[:3] if part.isdigit())
    if not (0, 4, 5) <= numbers < (0, 5):
        return f"needs httpunk from 0.4.5 to below 0.5, not {found}: pip install 'camunda-bridge[fast]'"
    return None
