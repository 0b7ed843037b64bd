"""Which published differences between the wires a request meets, told by the request alone. Pure.

The names are those of ``docs/differences.md``. What only the gateway can know, such as who is calling, is in
``NOT_FORESEEN``; a test holds both lists together to the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from bridge._table.transcode import classes_of
from bridge._table.versions import Version

__all__ = ["DIFFERENCES", "NOT_FORESEEN", "Difference", "met"]

#: Whether REST refuses what gRPC takes, answers in other words, or only refuses in other words.
Effect = Literal["refused by REST", "answered differently", "refused differently"]
Applies = Callable[[Any, "Version | None"], bool]
REFUSED: Effect = "refused by REST"
ANSWERED: Effect = "answered differently"
SAID: Effect = "refused differently"

_LARGEST_REQUEST = 4 * 2**20
_LARGEST_MODEL_TEXT = 2**12
_PARTITION_BITS = 51


class Difference(NamedTuple):
    """One row of the page, as a request meets it: ``text`` says what it means for the caller."""

    name: str
    effect: Effect
    text: str


class _Rule(NamedTuple):
    effect: Effect
    text: str
    rpcs: frozenset[str]
    applies: Applies
    #: Where it depends on the fields that an RPC has: what applies to this one, None for never.
    made_for: Callable[[str], Applies | None] | None = None


def _always(_: Any, __: Version | None) -> bool:
    return True


def _on(*rpcs: str) -> frozenset[str]:
    return frozenset(rpcs)


_ALL: frozenset[str] = frozenset()  # none named: any
_CREATES = _on("CreateProcessInstance", "CreateProcessInstanceWithResult")
_BRINGS = _on("ActivateJobs", "StreamActivatedJobs")
_DEPLOYS = _on("DeployResource", "DeployProcess")
_UPDATES = _on("UpdateJobRetries", "UpdateJobTimeout", "UpdateJobPriority")
_KEYS = ("jobKey", "processInstanceKey", "incidentKey", "resourceKey", "elementInstanceKey")


def _no_partition(rpc: str) -> Applies | None:
    names = tuple(name for name in _KEYS if name in _fields(rpc))
    if not names:
        return None
    if len(names) == 1:
        name = names[0]
        return lambda message, _: getattr(message, name) >> _PARTITION_BITS <= 0
    return lambda message, _: any(getattr(message, each) >> _PARTITION_BITS <= 0 for each in names)


def _names_tenants(rpc: str) -> Applies | None:
    fields = _fields(rpc)
    if "request" in fields:
        return lambda message, _: bool(message.request.tenantId)
    for name in ("tenantId", "tenantIds"):
        if name in fields:
            return lambda message, _: bool(getattr(message, name))
    return None


def _fields(rpc: str) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = classes_of(rpc)[0].DESCRIPTOR.fields_by_name
    return fields


def _before_8_8(_: Any, version: Version | None) -> bool:
    return version is None or version < (8, 8)


def _before_8_7(_: Any, version: Version | None) -> bool:
    return version is None or version < (8, 7)


def _waits_other_than_15_s(message: Any, version: Version | None) -> bool:
    return _before_8_7(message, version) and message.requestTimeout > 0


DIFFERENCES: Mapping[str, _Rule] = {
    "blank-job-type": _Rule(
        REFUSED,
        "a job type of blanks",
        _BRINGS,
        lambda m, _: bool(m.type) and not m.type.strip(),
    ),
    "no-jobs-asked-for": _Rule(
        REFUSED,
        "a maxJobsToActivate below 1",
        _on("ActivateJobs"),
        lambda m, _: m.maxJobsToActivate < 1,
    ),
    "empty-error-code": _Rule(
        REFUSED, "an empty errorCode", _on("ThrowError"), lambda m, _: not m.errorCode.strip()
    ),
    "empty-message-name": _Rule(
        REFUSED, "an empty message name", _on("PublishMessage"), lambda m, _: not m.name.strip()
    ),
    "set-no-variables": _Rule(
        REFUSED,
        "a SetVariables that sets none",
        _on("SetVariables"),
        lambda m, _: m.variables.strip() in ("", "null") or not m.variables.strip("{} \t\r\n"),
    ),
    "set-variables-key": _Rule(ANSWERED, "the key in the answer is 0", _on("SetVariables"), _always),
    "decision-type": _Rule(ANSWERED, "decisionType is empty", _on("EvaluateDecision"), _always),
    "listener-event-type": _Rule(
        ANSWERED, "listenerEventType is UNSPECIFIED, not ASSIGNING", _BRINGS, _before_8_8
    ),
    "json-spelling": _Rule(
        ANSWERED,
        "the JSON text means the same and is spelt differently",
        _on("ActivateJobs", "StreamActivatedJobs", "CreateProcessInstanceWithResult", "EvaluateDecision"),
        _always,
    ),
    "one-message": _Rule(ANSWERED, "all jobs come in one message", _on("ActivateJobs"), _always),
    "await-time": _Rule(
        ANSWERED,
        "an 8.6 waits 15 s whatever requestTimeout says",
        _on("CreateProcessInstanceWithResult"),
        _waits_other_than_15_s,
    ),
    "stream-of-waiting-jobs": _Rule(
        ANSWERED, "jobs that were waiting already come too", _on("StreamActivatedJobs"), _always
    ),
    "tenants-of-jobs": _Rule(
        ANSWERED,
        "a tenant that is not yours finds no jobs, without an error",
        _BRINGS,
        _always,
        _names_tenants,
    ),
    "timeout-of-inactive-job": _Rule(
        SAID, "a job that is not activated is another code", _on("UpdateJobTimeout"), _always
    ),
    "empty-mapping": _Rule(
        SAID,
        "a migration without a mapping is another code",
        _on("MigrateProcessInstance"),
        lambda m, _: not m.migrationPlan.mappingInstructions,
    ),
    "too-large": _Rule(
        SAID,
        "a request of more than 4 MiB is another code",
        _ALL,
        lambda m, _: m.ByteSize() > _LARGEST_REQUEST,
    ),
    "long-refusals": _Rule(
        SAID,
        "a long refusal is read whole",
        _DEPLOYS,
        lambda m, _: m.ByteSize() > _LARGEST_MODEL_TEXT,
    ),
    "update-intent": _Rule(SAID, "the text names another command", _UPDATES, _always),
    "no-such-partition": _Rule(
        SAID, "the text does not name the partition, which there is not", _ALL, _always, _no_partition
    ),
    "tenant-text": _Rule(SAID, "the text names the request otherwise", _ALL, _always, _names_tenants),
    "validation-text": _Rule(
        SAID,
        "what both gateways check is refused in other words",
        _on(
            "ActivateJobs",
            "CreateProcessInstance",
            "EvaluateDecision",
            "MigrateProcessInstance",
            "ModifyProcessInstance",
            "FailJob",
            "UpdateJobRetries",
            "UpdateJobTimeout",
            "BroadcastSignal",
            "EvaluateConditional",
            "DeployResource",
            "CreateProcessInstanceWithResult",
        ),
        _always,
    ),
    "pressure-on-activation": _Rule(
        SAID, "back-pressure has more words before it", _on("ActivateJobs"), _before_8_7
    ),
    "tried-partitions": _Rule(
        SAID, "back-pressure comes after one partition was tried", _CREATES, _before_8_7
    ),
    "stream-validation": _Rule(
        SAID, "a stream that is refused is a refused poll", _on("StreamActivatedJobs"), _always
    ),
}

#: Rows that are no matter of one request, or that the refusal before sending tells already.
NOT_FORESEEN: Mapping[str, str] = {
    "operation-reference-range": "found as a field that REST cannot carry",
    "operation-reference-of-jobs": "found as a field that the cluster is too old for",
    "newer-fields": "found as a field that the cluster is too old for",
    "text-after-variables": "found as a field that REST cannot carry",
    "numbers-beyond-doubles": "found as a field that REST cannot carry",
    "half-a-surrogate-pair": "found as a field that REST cannot carry",
    "duplicate-file-names": "found as a field that REST cannot carry",
    "refused-before-sending": "found as a field that REST cannot carry",
    "unknown-rpc": "found as an RPC that the cluster is too old for",
    "paused-text": "happens while processing is paused, to any request",
    "foreign-tenant": "depends on the identity provider of the cluster",
}


def _rules(rpc: str) -> Iterator[tuple[Difference, Applies | None]]:
    for name, rule in DIFFERENCES.items():
        if rule.rpcs and rpc not in rule.rpcs:
            continue
        difference = Difference(name, rule.effect, rule.text)
        applies = rule.applies if rule.made_for is None else rule.made_for(rpc)
        if applies is not None:
            yield difference, None if applies is _always else applies


@cache
def _rules_of(rpc: str) -> tuple[tuple[Difference, Applies | None], ...]:
    return tuple(_rules(rpc))


def met(rpc: str, message: Any, version: Version | None) -> list[Difference]:
    """The differences that this request meets, on a cluster of this version; None is any."""
    return [
        difference for difference, applies in _rules_of(rpc) if applies is None or applies(message, version)
    ]
