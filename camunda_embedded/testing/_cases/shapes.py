"""The instructions of the format as a table: which fields each of them has."""

from __future__ import annotations

from collections.abc import Mapping

from camunda_embedded.testing._cases.kinds import (
    Kind,
    Shape,
    duration,
    each,
    flag,
    instant,
    number,
    one_of,
    refused,
    something,
    text,
    variables,
)

__all__ = ["INSTRUCTIONS", "UNSUPPORTED"]


def _selector(*names: str) -> Shape:
    """At least one of these."""
    return Shape(dict.fromkeys(names, text), needs_one_of=names)


_DEFINITION = _selector("processDefinitionId")
_DECISION_DEFINITION = _selector("decisionDefinitionId")
_DECISION = _selector("decisionDefinitionId", "decisionDefinitionName")
_ELEMENT = _selector("elementId", "elementName")
_JOB = _selector("jobType", "elementId", "processDefinitionId")
_TASK = _selector("elementId", "taskName", "processDefinitionId")
_INCIDENT = _selector("elementId", "processDefinitionId")
_MESSAGE = Shape({"messageName": text, "correlationKey": text}, needs=("messageName",))

_CORRECTIONS = Shape(
    {
        "assignee": text,
        "dueDate": text,
        "followUpDate": text,
        "candidateUsers": each(text),
        "candidateGroups": each(text),
        "priority": number(),
    }
)
_ACTIVATE = Shape({"elementId": text, "variables": variables}, needs=("elementId",))
_START = Shape({"elementId": text}, needs=("elementId",))
_RUNTIME = Shape(
    {"type": one_of("TERMINATE_PROCESS_INSTANCE"), "afterElementId": text}, needs=("type", "afterElementId")
)


def _instruction(needs: Mapping[str, Kind], may: Mapping[str, Kind] | None = None) -> Shape:
    return Shape({"type": text, **needs, **(may or {})}, needs=tuple(needs))


_VARIABLES = {"variables": variables}
_EXAMPLE = {"variables": variables, "useExampleData": flag}
_INSTANCE = {"processInstanceSelector": _DEFINITION}
_NO_MODEL = "it needs a language model"

#: Every instruction that can be run.
INSTRUCTIONS: dict[str, Shape] = {
    "ASSERT_DECISION": _instruction(
        {"decisionSelector": _DECISION},
        {
            "output": something,
            "matchedRules": each(number()),
            "notMatchedRules": each(number()),
            "noMatchedRules": flag,
        },
    ),
    "ASSERT_ELEMENT_INSTANCE": _instruction(
        {
            **_INSTANCE,
            "elementSelector": _ELEMENT,
            "state": one_of("IS_ACTIVE", "IS_COMPLETED", "IS_TERMINATED"),
        },
        {"amount": number(1)},
    ),
    "ASSERT_ELEMENT_INSTANCES": _instruction(
        {
            **_INSTANCE,
            "elementSelectors": each(_ELEMENT),
            "state": one_of(
                "IS_ACTIVE",
                "IS_COMPLETED",
                "IS_TERMINATED",
                "IS_NOT_ACTIVE",
                "IS_NOT_ACTIVATED",
                "IS_ACTIVE_EXACTLY",
                "IS_COMPLETED_IN_ORDER",
            ),
        }
    ),
    "ASSERT_PROCESS_INSTANCE": _instruction(
        _INSTANCE,
        {
            "state": one_of("IS_ACTIVE", "IS_COMPLETED", "IS_CREATED", "IS_TERMINATED"),
            "hasActiveIncidents": flag,
        },
    ),
    "ASSERT_PROCESS_INSTANCE_MESSAGE_SUBSCRIPTION": _instruction(
        {
            **_INSTANCE,
            "messageSelector": _MESSAGE,
            "state": one_of("IS_WAITING", "IS_NOT_WAITING", "IS_CORRELATED"),
        }
    ),
    "ASSERT_USER_TASK": _instruction(
        {"userTaskSelector": _TASK},
        {
            "state": one_of("IS_CREATED", "IS_COMPLETED", "IS_CANCELED", "IS_FAILED"),
            "assignee": text,
            "candidateGroups": each(text),
            "priority": number(),
            "elementId": text,
            "name": text,
            "dueDate": instant,
            "followUpDate": instant,
        },
    ),
    "ASSERT_VARIABLE": _instruction(
        {**_INSTANCE, "variableName": text},
        {
            "elementSelector": _ELEMENT,
            "satisfiesExpression": text,
            "satisfiesJudge": refused(_NO_MODEL),
            "similarTo": refused(_NO_MODEL),
        },
    ),
    "ASSERT_VARIABLES": _instruction(
        _INSTANCE, {"elementSelector": _ELEMENT, "variableNames": each(text), "variables": variables}
    ),
    "BROADCAST_SIGNAL": _instruction({"signalName": text}, _VARIABLES),
    "COMPLETE_JOB": _instruction({"jobSelector": _JOB}, _EXAMPLE),
    "COMPLETE_JOB_AD_HOC_SUB_PROCESS": _instruction(
        {"jobSelector": _JOB},
        {
            **_VARIABLES,
            "activateElements": each(_ACTIVATE),
            "cancelRemainingInstances": flag,
            "completionConditionFulfilled": flag,
        },
    ),
    "COMPLETE_JOB_USER_TASK_LISTENER": _instruction(
        {"jobSelector": _JOB}, {"denied": flag, "deniedReason": text, "corrections": _CORRECTIONS}
    ),
    "COMPLETE_USER_TASK": _instruction({"userTaskSelector": _TASK}, _EXAMPLE),
    "CORRELATE_MESSAGE": _instruction({"name": text}, {"correlationKey": text, **_VARIABLES}),
    "CREATE_PROCESS_INSTANCE": _instruction(
        {"processDefinitionSelector": _DEFINITION},
        {**_VARIABLES, "startInstructions": each(_START), "runtimeInstructions": each(_RUNTIME)},
    ),
    "EVALUATE_CONDITIONAL_START_EVENT": _instruction(_VARIABLES),
    "EVALUATE_DECISION": _instruction({"decisionDefinitionSelector": _DECISION_DEFINITION}, _VARIABLES),
    "INCREASE_TIME": _instruction({"duration": duration}),
    "MOCK_CHILD_PROCESS": _instruction({"processDefinitionId": text}, _VARIABLES),
    "MOCK_DMN_DECISION": _instruction({"decisionDefinitionId": text}, _VARIABLES),
    "MOCK_JOB_WORKER_COMPLETE_JOB": _instruction({"jobType": text}, _EXAMPLE),
    "MOCK_JOB_WORKER_THROW_BPMN_ERROR": _instruction(
        {"jobType": text, "errorCode": text}, {"errorMessage": text, **_VARIABLES}
    ),
    "PUBLISH_MESSAGE": _instruction(
        {"name": text}, {"correlationKey": text, **_VARIABLES, "timeToLive": number(0), "messageId": text}
    ),
    "RESOLVE_INCIDENT": _instruction({"incidentSelector": _INCIDENT}),
    "SET_TIME": _instruction({"time": instant}),
    "THROW_BPMN_ERROR_FROM_JOB": _instruction(
        {"jobSelector": _JOB, "errorCode": text}, {"errorMessage": text, **_VARIABLES}
    ),
    "UPDATE_VARIABLES": _instruction({**_INSTANCE, **_VARIABLES}, {"elementSelector": _ELEMENT}),
}

#: What newer files may have, and why it cannot be run.
UNSUPPORTED: dict[str, str] = {
    "CONDITIONAL_BEHAVIOR": "write its actions where they are due",
}
