"""What tells the REST API of one line of the gateway from that of another: what it reads,
and how its answers look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from camunda_embedded._servers.rest.checks import CHECKS, CHECKS_86, CHECKS_810, TENANTS, TENANTS_86, Check
from camunda_embedded._servers.rest.shapes import write

__all__ = ["DIALECTS", "Dialect"]

Version = tuple[int, int]

_NEVER = (9, 9)
#: Properties of answers that came after 8.6. No gateway that was recorded sends the type of an
#: evaluated decision; 8.8 publishes the key of one as a number, which it is not.
_NEWER: Mapping[str, Version] = {
    "kind": (8, 8),
    "listenerEventType": (8, 8),
    "userTask": (8, 8),
    "tags": (8, 8),
    "decisionEvaluationKey": (8, 8),
    "businessId": (8, 9),
    "clusterId": (8, 9),
    "priority": (8, 10),
    "jobLeaseToken": (8, 10),
    "decisionDefinitionType": _NEVER,
    "decisionEvaluationInstanceKey": _NEVER,
}
#: The content of these is the user's own.
_OPAQUE = frozenset({"variables", "customHeaders"})


_OPTIONAL = frozenset(
    {"completeJob", "failJob", "cancelProcessInstance", "deleteResource", "completeUserTask"}
)


@dataclass(frozen=True)
class Dialect:
    """One line of the REST API.

    ``line``         "8.6", as problems are worded
    ``version``      the line as a number: what came later is neither read nor sent
    ``lenient``      converts values where it can and ignores unknown properties, silently
    ``optional``     operations whose body may be left out, Content-Type and all
    ``unread``       operations that want a JSON body and do not read it
    ``checks``       operation → what is checked of its body
    ``tenants``      the operations whose tenants are checked, as the refusal calls them
    ``key``          how a key is written, from its digits
    ``renamed``      properties of answers that it calls otherwise
    ``waits``        whether an awaited creation may say how long to wait
    ``never_204``    operations that answer 200 though they have no body to answer
    ``published``    answers have all that the contract gives them, and nothing else
    """

    line: str
    version: Version
    lenient: bool
    optional: frozenset[str]
    unread: frozenset[str]
    checks: Mapping[str, tuple[Check, ...]]
    tenants: Mapping[str, str]
    key: Callable[[str], Any]
    renamed: Mapping[str, str]
    waits: bool
    never_204: frozenset[str] = frozenset()
    published: bool = False

    def answer(self, rpc: str, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """An answer of the table, as this line writes it."""
        if rpc == "Topology" and self.published:
            for broker in body.get("brokers", ()):
                broker["brokerId"] = str(broker["nodeId"])  # as it is where there are no zones
                for partition in broker.get("partitions", ()):
                    partition["state"] = "active"
        shaped: dict[str, Any] = (
            write(operation, body, self.version) if self.published else self._shaped(body)
        )
        if rpc == "CreateProcessInstance":
            shaped["variables"] = {}  # nothing has been waited for
        if rpc == "Topology" and self.version >= (8, 8):
            shaped["lastCompletedChangeId"] = "-1"  # no change of the cluster so far
        return shaped

    def _shaped(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._shaped(each) for each in node]
        if not isinstance(node, dict):
            return node
        shaped = {}
        for name, value in node.items():
            if value is None or _NEWER.get(name, self.version) > self.version:
                continue
            if name in _OPAQUE:
                shaped[name] = value
            elif isinstance(value, str) and name.endswith("Key"):
                shaped[self.renamed.get(name, name)] = self.key(value)
            else:
                shaped[name] = self._shaped(value)
        return shaped


_8_6 = Dialect(
    line="8.6",
    version=(8, 6),
    lenient=True,
    optional=_OPTIONAL,
    unread=frozenset({"resolveIncident"}),
    checks=CHECKS_86,
    tenants=TENANTS_86,
    key=int,
    renamed={"jobKey": "key"},
    waits=False,
)
_8_8 = Dialect(
    line="8.8",
    version=(8, 8),
    lenient=False,
    optional=_OPTIONAL | {"resolveIncident"},
    unread=frozenset(),
    checks=CHECKS,
    tenants=TENANTS,
    key=str,
    renamed={},
    waits=True,
    never_204=frozenset({"deleteResource"}),
)
DIALECTS: Mapping[str, Dialect] = {
    each.line: each
    for each in (
        _8_6,
        _8_8,
        replace(_8_8, line="8.9", version=(8, 9), published=True),
        replace(_8_8, line="8.10", version=(8, 10), checks=CHECKS_810, published=True),
    )
}
