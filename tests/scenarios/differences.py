"""What differs between the wires and no client can heal: the published list.

``docs/differences.md`` is written from it (``python -m tests.scenarios.differences``). Each has its test in
``test_differences``, which pins what both wires do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "differences.md"

CODE, TEXT, KIND, DETAILS = "code", "text", "kind", "details"


@dataclass(frozen=True)
class Difference:
    """One difference between native gRPC and REST.

    ``native``  what the caller of the gRPC gateway gets
    ``rest``    what the same call gets over REST
    ``reason``  why the bridge cannot or must not hide it
    ``masks``   message fields that are therefore not compared
    ``parts``   of a refusal: what may differ; the code, the text, the class, whether there are status details
    """

    name: str
    native: str
    rest: str
    reason: str
    masks: tuple[str, ...] = ()
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    """Differences of one kind, with the headline they are published under."""

    title: str
    differences: tuple[Difference, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        "Answers that REST does not give in full",
        (
            Difference(
                "set-variables-key",
                native="`SetVariables` answers the key of the command.",
                rest="`key` is 0.",
                reason="The operation answers without a body, and a key must not be invented.",
                masks=("SetVariablesResponse.key",),
            ),
            Difference(
                "decision-type",
                native="`EvaluatedDecision.decisionType` is `DECISION_TABLE` or `LITERAL_EXPRESSION`.",
                rest="It is empty.",
                reason="The answer does not have it.",
                masks=("EvaluatedDecision.decisionType",),
            ),
            Difference(
                "listener-event-type",
                native="A cluster before 8.8 leaves `ActivatedJob.listenerEventType` out, which reads as `ASSIGNING`.",
                rest="It is `UNSPECIFIED`.",
                reason="No job of such a cluster is about an assignment: the zero of the enum must not pass for an event.",
                masks=("ActivatedJob.listenerEventType",),
            ),
            Difference(
                "json-spelling",
                native="JSON text in answers is spelt by the gateway: `1.0E30`, surrogate pairs as `\\uD83D\\uDE00`.",
                rest="It is spelt by Python: `1e+30`, `😀`. Names may come in another order.",
                reason="REST carries objects, not their text. The values are the same.",
            ),
            Difference(
                "one-message",
                native="`ActivateJobs` sends one message per partition that gave jobs, or more.",
                rest="It sends one message with all of them.",
                reason="REST gives one answer.",
            ),
        ),
    ),
    Group(
        "Requests that gRPC takes and REST refuses",
        (
            Difference(
                "blank-job-type",
                native="`ActivateJobs` for a type of blanks finds no jobs.",
                rest="INVALID_ARGUMENT.",
                reason="The REST gateway checks more.",
            ),
            Difference(
                "no-jobs-asked-for",
                native="`ActivateJobs` with `maxJobsToActivate` of 0 or less finds no jobs.",
                rest="INVALID_ARGUMENT.",
                reason="The REST gateway checks more.",
            ),
            Difference(
                "empty-error-code",
                native="`ThrowError` takes an empty `errorCode`.",
                rest="INVALID_ARGUMENT.",
                reason="The REST gateway checks more.",
            ),
            Difference(
                "empty-message-name",
                native="`PublishMessage` takes an empty `name`.",
                rest="INVALID_ARGUMENT.",
                reason="The REST gateway checks more.",
            ),
            Difference(
                "set-no-variables",
                native="`SetVariables` without variables succeeds where the element exists.",
                rest="INVALID_ARGUMENT.",
                reason="The REST gateway refuses it. To make up a success would skip the question whether the element exists.",
            ),
            Difference(
                "operation-reference-range",
                native="`operationReference` takes 0 and numbers above 2^63-1.",
                rest="INVALID_ARGUMENT, before anything is sent.",
                reason="REST takes 1 to 2^63-1.",
            ),
            Difference(
                "operation-reference-of-jobs",
                native="Job updates and `ResolveIncident` take an `operationReference` from 8.6 on.",
                rest="UNIMPLEMENTED before 8.8, before anything is sent.",
                reason="The property came to these operations with 8.8; an older gateway would ignore it silently.",
            ),
            Difference(
                "newer-fields",
                native="A field that is newer than the cluster is ignored silently.",
                rest="UNIMPLEMENTED, before anything is sent.",
                reason="A silent loss is no service. Leave the field unset, or upgrade the cluster.",
            ),
            Difference(
                "text-after-variables",
                native="What follows the object in `variables` is ignored.",
                rest="INVALID_ARGUMENT, before anything is sent.",
                reason="It is no JSON.",
            ),
            Difference(
                "numbers-beyond-doubles",
                native="A number in `variables` that no double holds (`1e400`) is taken, and read back as `Infinity`.",
                rest="INVALID_ARGUMENT, before anything is sent.",
                reason="`Infinity` is no JSON: what would be sent could not be read.",
            ),
            Difference(
                "half-a-surrogate-pair",
                native="Half a surrogate pair in `variables` (`\\ud800`) is sent, for the gateway to judge.",
                rest="INVALID_ARGUMENT, before anything is sent.",
                reason="It is no text: UTF-8 has no form for it.",
            ),
            Difference(
                "duplicate-file-names",
                native="Files of the same name are all deployed.",
                rest="INVALID_ARGUMENT, before anything is sent.",
                reason="The REST gateway keeps the last of them and drops the others silently.",
            ),
        ),
    ),
    Group(
        "Refusals that differ",
        (
            Difference(
                "timeout-of-inactive-job",
                native="`UpdateJobTimeout` of a job that nobody has activated is FAILED_PRECONDITION.",
                rest="INVALID_ARGUMENT.",
                reason="REST sends the engine another command, which is refused with another code.",
                parts=frozenset({CODE, TEXT, KIND}),
            ),
            Difference(
                "empty-mapping",
                native="A migration without a mapping is FAILED_PRECONDITION, from the engine.",
                rest="INVALID_ARGUMENT, from the gateway.",
                reason="The REST gateway checks before the engine does.",
                parts=frozenset({CODE, TEXT, KIND}),
            ),
            Difference(
                "too-large",
                native="A request of more than 4 MiB is RESOURCE_EXHAUSTED.",
                rest="Files are RESOURCE_EXHAUSTED too; anything else is INVALID_ARGUMENT.",
                reason="The REST gateway says MALFORMED_REQUEST, as both do for a request just below the limit.",
                parts=frozenset({CODE, TEXT, KIND, DETAILS}),
            ),
            Difference(
                "long-refusals",
                native=(
                    "A refusal of more than some 5 kB, of a model with many mistakes, reaches a plain channel of grpcio as "
                    "RESOURCE_EXHAUSTED, `received metadata size exceeds …`, or as a reset stream. Channels of "
                    "`camunda_grpc` read up to 1 MiB."
                ),
                rest="It is read whole.",
                reason=(
                    "The status travels in headers, which grpcio limits to 8 or 16 KiB unless "
                    "`grpc.absolute_max_metadata_size` says more. To repeat such a deployment never helps."
                ),
            ),
            Difference(
                "update-intent",
                native="Refused job updates read `Command 'UPDATE_RETRIES' …` or `'UPDATE_TIMEOUT'`.",
                rest="`Command 'UPDATE' …`; code and reason are the same.",
                reason="REST sends the engine another command.",
                parts=frozenset({TEXT}),
            ),
            Difference(
                "no-such-partition",
                native="A key of no partition (0, -1) is UNAVAILABLE: `Expected to execute command on partition 0, but …`.",
                rest="UNAVAILABLE: `… request could not be delivered`.",
                reason="The REST gateway hides the reason.",
                parts=frozenset({TEXT}),
            ),
            Difference(
                "tenant-text",
                native="Refused tenants read `Expected to handle gRPC request PublishMessage with tenant identifier …`.",
                rest="`Expected to handle request Publish Message with …`, and `'null'` for none; the code is the same.",
                reason="Each gateway has its own name for the request.",
                parts=frozenset({TEXT}),
            ),
            Difference(
                "validation-text",
                native="What both gateways validate reads `Command 'ACTIVATE' rejected with code …`, from the engine.",
                rest="It is the REST gateway's own sentence: `No type provided.`; the code is the same.",
                reason="The REST gateway checks before the engine does.",
                parts=frozenset({TEXT}),
            ),
            Difference(
                "refused-before-sending",
                native="Variables that are no JSON object (`[]`, or with a byte order mark), unnamed files and empty deployments "
                "are refused by the cluster.",
                rest="They are refused here: `InvalidRequest`, an `InvalidArgument`, without status details, in other words.",
                reason="REST cannot say them.",
                parts=frozenset({TEXT, KIND, DETAILS}),
            ),
            Difference(
                "unknown-rpc",
                native="An RPC that the cluster does not know is UNIMPLEMENTED: `Method not found: …`, without details.",
                rest="UNIMPLEMENTED: the gateway's 404 in words, or the version that is needed, where that is known before.",
                reason="To REST it is a path that is not there, or a property.",
                parts=frozenset({TEXT, KIND, DETAILS}),
            ),
            Difference(
                "pressure-on-activation",
                native="Back-pressure on `ActivateJobs` reads `Expected to activate jobs of type …`.",
                rest="`Unexpected error occurred during the request processing: ` stands before it; the code is the same.",
                reason="The REST gateway of 8.6 takes it for an error of its own, with status 500.",
                parts=frozenset({TEXT}),
            ),
            Difference(
                "paused-text",
                native="While processing is paused: INTERNAL, `… (code: INTERNAL_ERROR) (message: …)`.",
                rest="INTERNAL, `code: INTERNAL_ERROR, message: …`.",
                reason="Each gateway has its own form.",
                parts=frozenset({TEXT}),
            ),
            Difference(
                "tried-partitions",
                native="Back-pressure on `CreateProcessInstance` comes after every partition was tried, with a status of each.",
                rest="It comes after one partition was tried, and names that one.",
                reason="The REST gateway of 8.6 does not go on to the next partition. A retry, which the clients do, does.",
                parts=frozenset({TEXT}),
            ),
        ),
    ),
    Group(
        "Tenants",
        (
            Difference(
                "tenants-of-jobs",
                native="`ActivateJobs` and `StreamActivatedJobs` for a tenant that is not the caller's are INVALID_ARGUMENT.",
                rest="They find no jobs.",
                reason="The REST gateway of 8.6 does not check `tenantIds`.",
            ),
            Difference(
                "foreign-tenant",
                native="With multi-tenancy on and no identity provider every tenant is INVALID_ARGUMENT.",
                rest="A foreign tenant is PERMISSION_DENIED, and `<default>` is accepted.",
                reason="The gateways decide differently without an identity provider.",
            ),
        ),
    ),
    Group(
        "Time and streams",
        (
            Difference(
                "await-time",
                native="`requestTimeout` ends the wait of `CreateProcessInstanceWithResult` on the server.",
                rest="An 8.6 waits 15 s whatever was asked; the caller's own time limit ends the call, without status details.",
                reason="The REST gateway of 8.6 ignores the property.",
            ),
            Difference(
                "stream-of-waiting-jobs",
                native="`StreamActivatedJobs` pushes jobs that become activatable after it was opened.",
                rest="It brings those that were waiting already, too.",
                reason="REST cannot push: the stream is made of polls.",
            ),
            Difference(
                "stream-validation",
                native="A stream without a type or timeout is INVALID_ARGUMENT, without status details.",
                rest="INVALID_ARGUMENT with details, in the words of a refused poll.",
                reason="It is a refused poll.",
                parts=frozenset({TEXT, DETAILS}),
            ),
        ),
    ),
)

DIFFERENCES: Mapping[str, Difference] = {each.name: each for group in GROUPS for each in group.differences}
MASKED: frozenset[str] = frozenset(mask for each in DIFFERENCES.values() for mask in each.masks)

_HEAD = """# What differs between the wires

The scenario suite plays every RPC, and every way to be refused, natively and over REST on the same gateway and compares
the answers field by field. Only keys and times differ, and what stands here: what no client can heal, or must not. Each was
pinned on both sides on a real 8.6.0 in November 2026, and is still, by a test on the embedded gateway or on what was recorded.
(`python -m tests.scenarios.differences` writes this file.)
"""


def document() -> str:
    """The published list."""
    parts = [_HEAD]
    for group in GROUPS:
        parts.append(f"\n## {group.title}\n\n| | native gRPC | REST | why |\n|---|---|---|---|\n")
        parts += [f"| {d.name} | {d.native} | {d.rest} | {d.reason} |\n" for d in group.differences]
    return "".join(parts)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
