"""What the REST API checks of a request before the engine sees it, per operation, in the real
gateway's words.

The tables say what is checked; operations are named by their id in the published OpenAPI. A
check gives the sentences that are wrong with a body; all of them stand in the answer, each once,
in the order of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Concatenate, ParamSpec

from camunda_embedded._servers.rest.reading import owners
from camunda_embedded._tenancy import flaw_of

__all__ = [
    "CHECKS",
    "CHECKS_86",
    "CHECKS_810",
    "NULLS_86",
    "TENANTS",
    "TENANTS_86",
    "null_problem",
    "tenant_problem",
    "violations",
]

Body = Mapping[str, Any]
P = ParamSpec("P")
Check = Callable[[Body], Iterator[str]]


def _missing(body: Body, name: str) -> bool:
    value = body.get(name)
    # Empty text stands for no number, and all keys are numbers.
    return value is None or (value == "" and name.endswith(("Key", "timeout", "Activate", "timestamp")))


def _number(value: Any) -> int:
    """A number as the lenient reading takes it; 1 (which passes) when it is none, since
    reading has refused it then.
    """
    try:
        return int(value)
    except (TypeError, ValueError):
        return 1


def _check(sentences: Callable[Concatenate[Body, P], Iterator[str]]) -> Callable[P, Check]:
    """What is to be said of a body, as something that makes checks of its other arguments."""

    def made(*args: P.args, **kwargs: P.kwargs) -> Check:
        return lambda body: sentences(body, *args, **kwargs)

    return made


@_check
def given(body: Body, name: str) -> Iterator[str]:
    """Must be there; may be empty."""
    if _missing(body, name):
        yield f"No {name} provided."


@_check
def text(body: Body, name: str, called: str = "") -> Iterator[str]:
    """Must be there and not blank."""
    if not str("" if body.get(name) is None else body[name]).strip():
        yield f"No {called or name} provided."


@_check
def filled(body: Body, name: str) -> Iterator[str]:
    """An object or list with something in it."""
    if not body.get(name):
        yield f"No {name} provided."


@_check
def at_least(body: Body, least: int, name: str, shown: str = "") -> Iterator[str]:
    """A number of at least 0 or 1; ``shown`` is the property whose value the text quotes."""
    if _missing(body, name):
        yield f"No {name} provided."
    elif _number(body[name]) < least:
        wanted = "greater than 0" if least else "not negative"
        yield f"The value for {name} is '{_number(body.get(shown or name))}' but must be {wanted}."


@_check
def reference(body: Body) -> Iterator[str]:
    """The caller's own number of the command, if it is given."""
    value = body.get("operationReference")
    if value not in (None, "") and _number(value) < 1:
        yield f"The value for operationReference is '{_number(value)}' but must be > 0."


@_check
def exactly_one(body: Body, *names: str) -> Iterator[str]:
    """One of these, and no other of them."""
    found = [name for name in names if not _missing(body, name)]
    if not found:
        yield f"At least one of [{', '.join(names)}] is required."
    elif len(found) > 1:
        yield f"Only one of [{', '.join(names)}] is allowed."


@_check
def any_inside(body: Body, place: str, *names: str) -> Iterator[str]:
    """An object with at least one of these."""
    inner = body.get(place)
    if not isinstance(inner, Mapping) or all(_missing(inner, name) for name in names):
        yield f"At least one of [{', '.join(names)}] is required."


@_check
def all_of(body: Body, *names: str) -> Iterator[str]:
    """Every one of these, not empty."""
    if not all(body.get(name) for name in names):
        yield f"All [{', '.join(names)}] are required."


@_check
def each(body: Body, name: str, *checks: Check) -> Iterator[str]:
    """The checks for every object of a list."""
    items = body.get(name)
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping):
            for check in checks:
                yield from check(item)


CHECKS: Mapping[str, tuple[Check, ...]] = {
    "activateJobs": (text("type"), at_least(1, "timeout"), at_least(1, "maxJobsToActivate")),
    "throwJobError": (text("errorCode"),),
    "updateJob": (any_inside("changeset", "retries", "timeout"),),
    "createProcessInstance": (exactly_one("processDefinitionId", "processDefinitionKey"), reference()),
    "cancelProcessInstance": (reference(),),
    "deleteResource": (reference(),),
    "evaluateConditionals": (filled("variables"),),
    "resolveIncident": (reference(),),
    "migrateProcessInstance": (
        given("targetProcessDefinitionKey"),
        filled("mappingInstructions"),
        each("mappingInstructions", all_of("sourceElementId", "targetElementId")),
        reference(),
    ),
    "modifyProcessInstance": (
        each("activateInstructions", given("elementId"), each("variableInstructions", filled("variables"))),
        each("terminateInstructions", given("elementInstanceKey")),
        reference(),
    ),
    "createElementInstanceVariables": (filled("variables"), reference()),
    "evaluateDecision": (exactly_one("decisionDefinitionId", "decisionDefinitionKey"),),
    "publishMessage": (text("name"),),
    "correlateMessage": (text("name", called="messageName"),),
    "broadcastSignal": (given("signalName"),),
    "pinClock": (at_least(0, "timestamp"),),
}

#: 8.6 quotes the wrong property, and does not read what a request to resolve an incident carries.
CHECKS_86: Mapping[str, tuple[Check, ...]] = {
    **CHECKS,
    "activateJobs": (text("type"), at_least(1, "timeout"), at_least(1, "maxJobsToActivate", shown="timeout")),
    "resolveIncident": (),
}

#: 8.10 also changes the priority of a job.
CHECKS_810: Mapping[str, tuple[Check, ...]] = {
    **CHECKS,
    "updateJob": (any_inside("changeset", "retries", "timeout", "priority"),),
}


def violations(checks: Mapping[str, tuple[Check, ...]], operation: str, body: Body) -> str:
    """What is wrong with a request, as one text; empty when nothing is."""
    found = (sentence for check in checks.get(operation, ()) for sentence in check(body))
    return " ".join(dict.fromkeys(found))


#: How operations with a tenant are called in the refusal of one.
TENANTS: Mapping[str, str] = {
    "evaluateConditionals": "Evaluate Conditional",
    "activateJobs": "Activate Jobs",
    "createProcessInstance": "Create Process Instance",
    "evaluateDecision": "Evaluate Decision",
    "createDeployment": "Deploy Resources",
    "publishMessage": "Publish Message",
    "correlateMessage": "Correlate Message",
    "broadcastSignal": "Broadcast Signal",
}


#: 8.6 does not look at the tenants of an activation.
TENANTS_86: Mapping[str, str] = {name: called for name, called in TENANTS.items() if name != "activateJobs"}


def tenant_problem(
    called: Mapping[str, str], operation: str, body: Body, grants: Callable[[str], bool] | None
) -> tuple[str, bool]:
    """Why a tenant of a request is refused, and whether that is for want of rights; empty when none is.

    ``called`` has the operations that have tenants; ``grants`` says of one whether it is the
    caller's, and is None where there are no tenants.
    """
    if operation not in called:
        return "", False
    several, about = body.get("tenantIds"), f"Expected to handle request {called[operation]} with tenant"
    if grants is None:
        for tenant in [body.get("tenantId"), *(several if isinstance(several, list) else ())]:
            if tenant not in (None, "", "<default>"):
                return f"{about} identifier '{tenant}', but multi-tenancy is disabled", False
        return "", False
    if operation == "activateJobs":
        if body.get("tenantFilter") == "ASSIGNED":
            return "", False
        if not several:
            return f"{about} identifiers '[]', but no tenant identifiers were provided.", False
    for tenant in several if isinstance(several, list) else [body.get("tenantId")]:
        name = tenant if isinstance(tenant, str) else ""
        if flaw := flaw_of(name):
            shown = "null" if tenant is None else tenant
            return f"{about} identifier '{shown}', but {flaw.rstrip('.')}.", False
        if not grants(name):
            return (
                f"{about} identifier '{tenant}', but tenant is not authorized to perform this request",
                True,
            )
    return "", False


_TEXT_IS_NULL = 'Cannot invoke "String.getBytes(java.nio.charset.Charset)" because "value" is null'
_BOOL_IS_NULL = 'Cannot invoke "java.lang.Boolean.booleanValue()" because the return value of "{}" is null'
_LIST_IS_NULL = 'Cannot invoke "java.util.List.stream()" because {} is null'
_MODEL = "io.camunda.zeebe.gateway.protocol.rest"

#: 8.6 takes what is absent and stumbles over an explicit null: operation → place → text.
NULLS_86: Mapping[str, Mapping[str, str]] = {
    "createProcessInstance": {
        "startInstructions": _LIST_IS_NULL.format(
            f'the return value of "{_MODEL}.CreateProcessInstanceRequest.getStartInstructions()"'
        ),
        "awaitCompletion": _BOOL_IS_NULL.format(
            "io.camunda.service.ProcessInstanceServices$ProcessInstanceCreateRequest.awaitCompletion()"
        ),
        "startInstructions[].elementId": _TEXT_IS_NULL,
    },
    "modifyProcessInstance": {
        "activateInstructions": _LIST_IS_NULL.format('"instructions"'),
        "terminateInstructions": _LIST_IS_NULL.format('"instructions"'),
        "activateInstructions[].variableInstructions": _LIST_IS_NULL.format(
            f'the return value of "{_MODEL}.ModifyProcessInstanceActivateInstruction.getVariableInstructions()"'
        ),
        "activateInstructions[].variableInstructions[].scopeId": _TEXT_IS_NULL,
    },
    "createElementInstanceVariables": {
        "local": _BOOL_IS_NULL.format(
            "io.camunda.service.ElementInstanceServices$SetVariablesRequest.local()"
        ),
    },
    "publishMessage": {
        "correlationKey": _TEXT_IS_NULL,
        "timeToLive": 'Cannot invoke "java.lang.Long.longValue()" because "request.timeToLive" is null',
    },
    "correlateMessage": {"correlationKey": _TEXT_IS_NULL},
}

#: The one place where what is absent is as bad as null.
_NEEDED = frozenset({"startInstructions[].elementId"})


def null_problem(operation: str, body: Body) -> str:
    """What 8.6 says of an explicit null where it expects none; empty when there is none."""
    for place, sentence in NULLS_86.get(operation, {}).items():
        for owner, name in owners(body, place):
            if owner.get(name) is None and (name in owner or place in _NEEDED):
                return sentence
    return ""
