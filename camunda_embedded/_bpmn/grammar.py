"""What the engine knows of BPMN: which elements, event definitions and extensions it runs, and which it refuses by name.

A new feature goes here, and nowhere else, before the reader (``process``) reads it and ``validate`` says what must hold:

- an element: a line in ``FLOW_NODES``, and its name out of ``_NOT_SUPPORTED``;
- an event definition: a line in ``EVENT_DEFINITIONS``, and its name out of ``_NOT_SUPPORTED``;
- an attribute that changes what an element does: its line out of ``_DEFAULTS``;
- an extension: a line in ``_EXTENSIONS`` with its attributes, and its name out of ``_MISSING_EXTENSIONS``.

Elements and attributes that BPMN itself does not know do not come here: the schema refuses them before.
"""

from __future__ import annotations

from collections.abc import Callable

from camunda_embedded._bpmn.xml import Node

__all__ = [
    "BPMN",
    "EVENT_DEFINITIONS",
    "FLOW_NODES",
    "REFUSED_DEFINITIONS",
    "ZEEBE",
    "Line",
    "check",
    "event_definitions",
    "ignored",
    "runs",
    "unsupported",
]

#: A line of the engine: (8, 6).
Line = tuple[int, int]

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_CAMUNDA_7 = "http://camunda.org/schema/1.0/bpmn"
_BPMN_COVERAGE = "https://docs.camunda.io/docs/components/modeler/bpmn/bpmn-coverage/"

#: Flow nodes: the tag and the engine's name of its type.
FLOW_NODES = {
    "startEvent": "START_EVENT",
    "endEvent": "END_EVENT",
    "intermediateCatchEvent": "INTERMEDIATE_CATCH_EVENT",
    "intermediateThrowEvent": "INTERMEDIATE_THROW_EVENT",
    "boundaryEvent": "BOUNDARY_EVENT",
    "task": "TASK",
    "manualTask": "MANUAL_TASK",
    "serviceTask": "SERVICE_TASK",
    "sendTask": "SEND_TASK",
    "scriptTask": "SCRIPT_TASK",
    "businessRuleTask": "BUSINESS_RULE_TASK",
    "userTask": "USER_TASK",
    "receiveTask": "RECEIVE_TASK",
    "exclusiveGateway": "EXCLUSIVE_GATEWAY",
    "parallelGateway": "PARALLEL_GATEWAY",
    "inclusiveGateway": "INCLUSIVE_GATEWAY",
    "eventBasedGateway": "EVENT_BASED_GATEWAY",
    "subProcess": "SUB_PROCESS",
    "adHocSubProcess": "AD_HOC_SUB_PROCESS",
    "callActivity": "CALL_ACTIVITY",
}

#: Event definitions: the tag and the engine's name of the event type.
EVENT_DEFINITIONS = {
    "messageEventDefinition": "MESSAGE",
    "timerEventDefinition": "TIMER",
    "signalEventDefinition": "SIGNAL",
    "linkEventDefinition": "LINK",
    "errorEventDefinition": "ERROR",
    "escalationEventDefinition": "ESCALATION",
    "terminateEventDefinition": "TERMINATE",
    "compensateEventDefinition": "COMPENSATION",
    "conditionalEventDefinition": "CONDITIONAL",
}

#: Flow nodes that the real engine refuses too, in its words.
_REFUSED_BY_THE_ENGINE = {
    "complexGateway": "ComplexGateway",
    "adHocSubProcess": "AdHocSubProcess",
    "transaction": "Transaction",
}
#: The line of the engine that was the first to run an element, where the one before refused it.
_SINCE: dict[str, Line] = {"adHocSubProcess": (8, 7), "conditionalEventDefinition": (8, 9)}
#: Event definitions that the real engine refuses too.
REFUSED_DEFINITIONS = frozenset({"conditionalEventDefinition", "cancelEventDefinition"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: What the real engine has, and this one has not; refused by name.
_NOT_SUPPORTED = _words("""
    standardLoopCharacteristics
    choreographyTask subChoreography callChoreography
""")
#: Attributes that are fine with the value that BPMN gives them when they are absent.
_DEFAULTS = {
    "instantiate": (_words("false 0"), "instantiating element"),
    "parallelMultiple": (_words("false 0"), "parallel multiple event"),
    "completionQuantity": (_words("1"), "completion quantity"),
    "startQuantity": (_words("1"), "start quantity"),
    "eventGatewayType": (_words("Exclusive"), "parallel event-based gateway"),
    "behavior": (_words("All"), "multi-instance behavior"),
}
#: Zeebe extension elements by name: the attributes that each may have.
_EXTENSIONS: dict[str, frozenset[str]] = {
    "taskDefinition": _words("type retries"),
    "taskHeaders": _words(""),
    "header": _words("key value"),
    "ioMapping": _words(""),
    "input": _words("source target"),
    "output": _words("source target"),
    "subscription": _words("correlationKey"),
    "loopCharacteristics": _words("inputCollection inputElement outputCollection outputElement"),
    "calledElement": _words("processId propagateAllChildVariables propagateAllParentVariables bindingType versionTag"),
    "calledDecision": _words("decisionId resultVariable bindingType versionTag"),
    "script": _words("expression resultVariable"),
    "formDefinition": _words("formKey formId externalReference bindingType versionTag"),
    "assignmentDefinition": _words("assignee candidateGroups candidateUsers"),
    "taskSchedule": _words("dueDate followUpDate"),
    "executionListener": _words("eventType type retries"),
    "executionListeners": _words(""),
    "taskListener": _words("eventType type retries"),
    "taskListeners": _words(""),
    "priorityDefinition": _words("priority"),
    "userTask": _words(""),
    "userTaskForm": _words("id"),
    "adHoc": _words("activeElementsCollection outputCollection outputElement"),
    "conditionalFilter": _words("variableEvents"),
    "versionTag": _words("value"),
    "properties": _words(""),
    "property": _words("name value"),
}  # fmt: skip
#: Zeebe extension elements that a real engine has, of this line or of a newer one; refused by name.
_MISSING_EXTENSIONS = _words("""
    taskListeners publishMessage linkedResources
    agentDefinition jobPriorityDefinition
""")
#: The first line that asks task listeners.
_TASK_LISTENERS_SINCE: Line = (8, 8)
#: Zeebe attributes of the modeler on BPMN elements, without meaning for the engine.
_MODELER = frozenset(
    {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "modelerTemplateName"}
)

Report = Callable[[Node, str], None]


def unsupported(name: str) -> str:
    """How a feature is refused that the real engine has and this one has not."""
    return f"'{name}' is not supported by the embedded gateway"


def event_definitions(node: Node) -> list[Node]:
    """The event definitions of an event, known or not."""
    return [n for n in node.children if n.namespace == BPMN and n.name.endswith("EventDefinition")]


def runs(name: str, line: Line) -> bool:
    """Whether an engine of that line runs the element, or events of that definition."""
    return (name in FLOW_NODES or name in EVENT_DEFINITIONS) and _SINCE.get(name, line) <= line


def check(node: Node, report: Report, line: Line) -> None:
    """Reports what this gateway does not support as that line, from this element of an executable process downwards."""
    if node.namespace == ZEEBE and node.name in _MISSING_EXTENSIONS and not _is_of_user_task(node, line):
        report(node, unsupported(f"zeebe:{node.name}"))
        return
    if node.namespace not in (BPMN, ZEEBE):
        return
    if node.namespace == BPMN:
        _check_element(node, report, line)
    for child in node.children:
        check(child, report, line)


def _is_of_user_task(node: Node, line: Line) -> bool:
    """Whether it is the task listeners of a native user task, and the line asks them."""
    native = node.parent is not None and node.parent.first("userTask", ZEEBE) is not None
    return node.name == "taskListeners" and native and line >= _TASK_LISTENERS_SINCE


def _check_element(node: Node, report: Report, line: Line) -> None:
    name = node.name
    if name in _REFUSED_BY_THE_ENGINE and not runs(name, line):
        report(
            node,
            f"Elements of type '{_REFUSED_BY_THE_ENGINE[name]}' are currently not supported. "
            f"Please refer to the documentation for a list of supported elements: {_BPMN_COVERAGE}",
        )
    elif name in REFUSED_DEFINITIONS and not runs(name, line):
        report(node, "Event definition of this type is not supported")
    elif name in _NOT_SUPPORTED:
        report(node, unsupported(name))
    for attribute, value in node.attributes.items():
        if attribute in _DEFAULTS:
            values, feature = _DEFAULTS[attribute]
            if value.strip() not in values:
                report(node, unsupported(feature))


def ignored(root: Node) -> list[str]:
    """The extensions in a file that mean nothing to the engine though they look as if they did, each once by name."""
    found: dict[str, None] = {}
    for node in root.walk():
        if node.namespace == _CAMUNDA_7:
            found[f"camunda:{node.name}"] = None
        elif node.namespace == ZEEBE and node.name not in _EXTENSIONS:
            found[f"zeebe:{node.name}"] = None
        for attribute in node.attributes:
            namespace, _, name = (
                attribute[1:].partition("}") if attribute.startswith("{") else ("", "", attribute)
            )
            if namespace == _CAMUNDA_7:
                found[f"camunda:{name}"] = None
            elif namespace == ZEEBE and name not in _MODELER:
                found[f"zeebe:{name}"] = None
            elif not namespace and node.namespace == ZEEBE and name not in _EXTENSIONS.get(node.name, {name}):
                found[f"'{name}' of zeebe:{node.name}"] = None
    return list(found)
