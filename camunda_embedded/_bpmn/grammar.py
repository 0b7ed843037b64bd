"""What a file may contain: every element, extension and attribute is supported,
harmless, or refused by name.
"""

from __future__ import annotations

from collections.abc import Callable

from camunda_embedded._bpmn.xml import Node

__all__ = ["BPMN", "EVENT_DEFINITIONS", "FLOW_NODES", "ZEEBE", "check"]

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
    "callActivity": "CALL_ACTIVITY",
}

#: Event definitions: the tag and the engine's name of the event type.
EVENT_DEFINITIONS = {
    "messageEventDefinition": "MESSAGE",
    "timerEventDefinition": "TIMER",
    "signalEventDefinition": "SIGNAL",
    "linkEventDefinition": "LINK",
    "errorEventDefinition": "ERROR",
    "terminateEventDefinition": "TERMINATE",
}

#: Flow nodes and event definitions that the real engine refuses too, in its words.
_REFUSED_BY_THE_ENGINE = {
    "complexGateway": "ComplexGateway",
    "adHocSubProcess": "AdHocSubProcess",
    "transaction": "Transaction",
}
_UNSUPPORTED_DEFINITIONS = {"conditionalEventDefinition", "cancelEventDefinition"}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Elements that change nothing about what is run: descriptions, drawings, lanes, data.
_HARMLESS = _words("""
    documentation incoming outgoing laneSet textAnnotation association group category collaboration
    itemDefinition dataObject dataObjectReference dataStore dataStoreReference dataInputAssociation
    dataOutputAssociation property ioSpecification extension relationship import auditing monitoring
""")
_KNOWN = _words("""
    definitions process extensionElements sequenceFlow conditionExpression multiInstanceLoopCharacteristics
    completionCondition timeDuration timeDate timeCycle message signal error escalation
""")
#: Attributes of BPMN that are read, or that are without meaning here whatever they say.
_ATTRIBUTES = _words("""
    id name isExecutable processType isClosed sourceRef targetRef attachedToRef cancelActivity default
    messageRef errorRef signalRef errorCode isSequential gatewayDirection implementation scriptFormat
    isImmediate targetNamespace exporter exporterVersion expressionLanguage typeLanguage structureRef
    itemSubjectRef itemRef operationRef escalationCode language evaluatesToTypeRef definitionalCollaborationRef
""")
#: Attributes that are fine with the value that BPMN gives them when they are absent.
_DEFAULTS = {
    "triggeredByEvent": ("false", "event sub-process"),
    "isForCompensation": ("false", "compensation"),
    "instantiate": ("false", "instantiating element"),
    "parallelMultiple": ("false", "parallel multiple event"),
    "isInterrupting": ("true", "non-interrupting start event"),
    "completionQuantity": ("1", "completion quantity"),
    "startQuantity": ("1", "start quantity"),
    "eventGatewayType": ("Exclusive", "parallel event-based gateway"),
    "behavior": ("All", "multi-instance behavior"),
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
    "calledElement": _words("processId propagateAllChildVariables propagateAllParentVariables bindingType"),
    "calledDecision": _words("decisionId resultVariable bindingType"),
    "script": _words("expression resultVariable"),
    "formDefinition": _words("formKey formId bindingType"),
    "assignmentDefinition": _words("assignee candidateGroups candidateUsers"),
    "taskSchedule": _words("dueDate followUpDate"),
    "userTaskForm": _words("id"),
    "versionTag": _words("value"),
    "properties": _words(""),
    "property": _words("name value"),
}
#: Zeebe attributes of the modeler on BPMN elements, without meaning for the engine.
_MODELER = frozenset(
    {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "modelerTemplateName"}
)

Report = Callable[[Node, str], None]


def unsupported(name: str) -> str:
    """How a feature is refused that the real engine has and this one has not."""
    return f"'{name}' is not supported by the embedded gateway"


def check(node: Node, report: Report) -> None:
    """Reports what this gateway does not know or not support, from this element downwards."""
    if node.namespace == ZEEBE:
        _check_extension(node, report)
    elif node.namespace == _CAMUNDA_7:
        report(node, f"'camunda:{node.name}' belongs to Camunda 7; use Camunda 8's extensions")
    elif node.namespace != BPMN or not _check_element(node, report):
        return
    for child in node.children:
        check(child, report)


def _check_element(node: Node, report: Report) -> bool:
    """True when the children are to be checked too."""
    name = node.name
    if name in _HARMLESS:
        return False
    if name in _REFUSED_BY_THE_ENGINE:
        report(
            node,
            f"Elements of type '{_REFUSED_BY_THE_ENGINE[name]}' are currently not supported. "
            f"Please refer to the documentation for a list of supported elements: {_BPMN_COVERAGE}",
        )
        return False
    if name in _UNSUPPORTED_DEFINITIONS:
        report(node, "Event definition of this type is not supported")
        if node.parent is not None and node.parent.name == "intermediateCatchEvent":
            report(node.parent, "Event definition must be one of: message, timer, signal, or link")
        return False
    if (
        name not in _KNOWN
        and name not in FLOW_NODES
        and name not in EVENT_DEFINITIONS
        and node.name != "script"
    ):
        report(node, unsupported(name))
        return False
    for attribute, value in node.attributes.items():
        _check_attribute(node, attribute, value, report)
    return True


def _check_attribute(node: Node, attribute: str, value: str, report: Report) -> None:
    if attribute in _DEFAULTS:
        default, feature = _DEFAULTS[attribute]
        if value != default:
            report(node, unsupported(feature))
    elif attribute.startswith("{"):
        namespace, _, name = attribute[1:].partition("}")
        if namespace == ZEEBE and name not in _MODELER:
            report(node, f"unknown attribute 'zeebe:{name}'")
        elif namespace == _CAMUNDA_7:
            report(node, f"'camunda:{name}' belongs to Camunda 7; use Camunda 8's extensions")
    elif attribute not in _ATTRIBUTES:
        report(node, f"unknown attribute '{attribute}'")


def _check_extension(node: Node, report: Report) -> None:
    allowed = _EXTENSIONS.get(node.name)
    if allowed is None:
        report(node, unsupported(f"zeebe:{node.name}"))
        return
    for attribute, value in node.attributes.items():
        if attribute == "bindingType" and value != "latest":
            report(node, unsupported(f"binding type '{value}'"))
        elif attribute not in allowed and not attribute.startswith("{") and attribute != "id":
            report(node, f"unknown attribute '{attribute}'")
