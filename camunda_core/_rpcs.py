"""What is true of an RPC of the gateway on either wire: facts only, one row each.

``camunda_grpc._rpcs`` and ``camunda_rest.operations`` add what their wire has of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["FACTS", "SERVICE", "Facts", "server_wait"]

#: The service of the gateway in its protocol.
SERVICE = "gateway_protocol.Gateway"


class Facts(NamedTuple):
    """One RPC.

    ``repeatable``     running it twice does no harm, so that a lost answer may be asked for again. A
                       second CompleteJob, FailJob or CancelProcessInstance is answered with NOT_FOUND,
                       which after a retry means "perhaps done"
    ``default_wait``   seconds that the gateway waits before it answers, when the request leaves
                       ``requestTimeout`` at 0; None where it does not wait
    ``negative_wait``  the same for a negative ``requestTimeout``
    ``by_key``         a key of the request says which partition carries it out: where there is no such partition,
                       there never is. Without a key it is the gateway that does not know its brokers yet
    """

    repeatable: bool = False
    default_wait: float | None = None
    negative_wait: float = 0.0
    by_key: bool = False


_ONCE, _REPEATABLE = Facts(), Facts(repeatable=True)
_ONCE_BY_KEY, _REPEATABLE_BY_KEY = Facts(by_key=True), Facts(repeatable=True, by_key=True)

#: Every RPC by its name.
FACTS: Mapping[str, Facts] = MappingProxyType(
    {
        # A gateway ends an empty long poll after 10 s, and at once when asked not to wait.
        "ActivateJobs": Facts(repeatable=True, default_wait=10.0),
        "BroadcastSignal": _ONCE,
        "CancelProcessInstance": _REPEATABLE_BY_KEY,
        "CompleteJob": _REPEATABLE_BY_KEY,
        "CreateProcessInstance": _ONCE,
        # The gateway's own request timeout applies here, also to a negative value.
        "CreateProcessInstanceWithResult": Facts(default_wait=15.0, negative_wait=15.0),
        "DeleteResource": _REPEATABLE_BY_KEY,
        "DeployProcess": _ONCE,
        "DeployResource": _ONCE,
        "EvaluateConditional": _ONCE,
        "EvaluateDecision": _REPEATABLE,
        "FailJob": _REPEATABLE_BY_KEY,
        "MigrateProcessInstance": _REPEATABLE_BY_KEY,
        "ModifyProcessInstance": _ONCE_BY_KEY,
        "PublishMessage": _ONCE,
        "ResolveIncident": _REPEATABLE_BY_KEY,
        "SetVariables": _ONCE_BY_KEY,
        "StreamActivatedJobs": _REPEATABLE,
        "ThrowError": _ONCE_BY_KEY,
        "Topology": _REPEATABLE,
        "UpdateJobPriority": _ONCE_BY_KEY,
        "UpdateJobRetries": _ONCE_BY_KEY,
        "UpdateJobTimeout": _ONCE_BY_KEY,
    }
)


def server_wait(asked: float, default_wait: float, negative_wait: float) -> float:
    """The seconds that a ``requestTimeout`` of ``asked`` ms makes the gateway wait before it answers."""
    if asked > 0:
        return asked / 1000
    return default_wait if asked == 0 else negative_wait
