"""What is true of each RPC of the gateway, whoever calls it: facts only, one row each.

``repeatable``     running it twice does no harm, so that a lost answer may be asked for again. A second
                   CompleteJob, FailJob or CancelProcessInstance is answered with NOT_FOUND, which after a
                   retry means "perhaps done"
``streaming``      the answer is a stream of messages
``server_wait``    seconds the gateway waits before it answers when the request leaves ``requestTimeout`` at
0;
                   None where it does not wait. Such a request's deadline is that wait (or its own
                   ``requestTimeout``) plus the ordinary timeout
``negative_wait``  the same for a negative ``requestTimeout``
``endless``        no deadline of its own: it lasts until somebody ends it
``own_channel``    goes over a channel of its own, whose flow control follows the reader
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["RPCS", "SERVICE", "Rpc", "deadline_for", "rpc_for"]

SERVICE = "gateway_protocol.Gateway"


@dataclass(frozen=True)
class Rpc:
    """One RPC; the fields are explained at the top of the module."""

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


_ROWS = (
    # A gateway ends an empty long poll after 10 s, and at once when asked not to wait.
    Rpc("ActivateJobs", repeatable=True, streaming=True, server_wait=10.0),
    Rpc("BroadcastSignal"),
    Rpc("CancelProcessInstance", repeatable=True),
    Rpc("CompleteJob", repeatable=True),
    Rpc("CreateProcessInstance"),
    # The gateway's own request timeout applies here, also to a negative value.
    Rpc("CreateProcessInstanceWithResult", server_wait=15.0, negative_wait=15.0),
    Rpc("DeleteResource", repeatable=True),
    Rpc("DeployProcess"),
    Rpc("DeployResource"),
    Rpc("EvaluateConditional"),
    Rpc("EvaluateDecision", repeatable=True),
    Rpc("FailJob", repeatable=True),
    Rpc("MigrateProcessInstance", repeatable=True),
    Rpc("ModifyProcessInstance"),
    Rpc("PublishMessage"),
    Rpc("ResolveIncident", repeatable=True),
    Rpc("SetVariables"),
    Rpc("StreamActivatedJobs", repeatable=True, streaming=True, endless=True, own_channel=True),
    Rpc("ThrowError"),
    Rpc("Topology", repeatable=True),
    Rpc("UpdateJobPriority"),
    Rpc("UpdateJobRetries"),
    Rpc("UpdateJobTimeout"),
)

#: Every RPC by its name.
RPCS: dict[str, Rpc] = {row.name: row for row in _ROWS}

_BY_PATH = {row.path: row for row in _ROWS}


def rpc_for(method: str, *, streaming: bool = False) -> Rpc:
    """The row of a full method name.

    A method of another service (health, reflection) is named by its path without the leading slash, is never
    repeated, and has no deadline when it streams."""
    row = _BY_PATH.get(method)
    return row if row is not None else Rpc(method.lstrip("/"), streaming=streaming, endless=streaming)


def deadline_for(rpc: Rpc, request: Any, timeout: float | None) -> float | None:
    """Seconds that a call may take when its caller says nothing; ``timeout`` is the ordinary one, None for no
    limit.

    ``request`` may be of any message class: all that is looked at is its ``requestTimeout`` (ms), where the
    RPC has one."""
    if timeout is None or rpc.endless:
        return None
    if rpc.server_wait is None:
        return timeout
    asked = getattr(request, "requestTimeout", 0)
    if asked > 0:
        return timeout + float(asked) / 1000
    return timeout + (rpc.server_wait if asked == 0 else rpc.negative_wait)
