"""The RPCs of the gateway as gRPC has them: what is true of each on either wire
(``camunda_core._rpcs``), and what it is on this one.

``streaming``    the answer is a stream of messages
``server_wait``  seconds the gateway waits before it answers, when the request leaves ``requestTimeout`` at
                 0; None where it does not wait. Such a request's deadline is that wait (or its own
                 ``requestTimeout``) plus the ordinary timeout
``endless``      no deadline of its own: it lasts until somebody ends it
``own_channel``  goes over a channel of its own, whose flow control follows the reader
"""

from __future__ import annotations

from typing import Any, NamedTuple

from camunda_core._rpcs import FACTS, SERVICE, server_wait

__all__ = ["RPCS", "Rpc", "deadline_for", "rpc_for"]


class Rpc(NamedTuple):
    """One RPC; the fields are explained at the top of the module and in ``camunda_core._rpcs.Facts``."""

    name: str
    repeatable: bool = False
    streaming: bool = False
    server_wait: float | None = None
    negative_wait: float = 0.0
    endless: bool = False
    own_channel: bool = False

    @property
    def path(self) -> str:
        """The full method name on the wire."""
        return f"/{SERVICE}/{self.name}"

    @property
    def full_name(self) -> str:
        """Service and method; one of another service is named so already."""
        return self.name if "/" in self.name else f"{SERVICE}/{self.name}"


_HERE: dict[str, dict[str, bool]] = {
    "ActivateJobs": {"streaming": True},
    "StreamActivatedJobs": {"streaming": True, "endless": True, "own_channel": True},
}

#: Every RPC by its name.
RPCS: dict[str, Rpc] = {
    name: Rpc(
        name,
        repeatable=facts.repeatable,
        server_wait=facts.default_wait,
        negative_wait=facts.negative_wait,
        **_HERE.get(name, {}),
    )
    for name, facts in FACTS.items()
}

_BY_PATH = {row.path: row for row in RPCS.values()}


def rpc_for(method: str, *, streaming: bool = False) -> Rpc:
    """The row of a full method name.

    A method of another service (health, reflection) is named by its path without the leading slash,
    is never repeated, and has no deadline when it streams.
    """
    row = _BY_PATH.get(method)
    return row if row is not None else Rpc(method.lstrip("/"), streaming=streaming, endless=streaming)


def deadline_for(rpc: Rpc, request: Any, timeout: float | None) -> float | None:
    """Seconds that a call may take when its caller says nothing; ``timeout`` is the ordinary
    one, None for no limit.

    ``request`` may be of any message class: all that is looked at is its ``requestTimeout`` (ms),
    where the RPC has one.
    """
    if timeout is None or rpc.endless:
        return None
    if rpc.server_wait is None:
        return timeout
    return timeout + server_wait(getattr(request, "requestTimeout", 0), rpc.server_wait, rpc.negative_wait)
