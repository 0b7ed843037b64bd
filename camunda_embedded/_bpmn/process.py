"""From the elements of a file to one executable process.

What a new element needs beyond ``grammar``: its reader in ``_READERS``, which fills in its ``Element``. A new event
definition is read in ``read_definition``. Elements that are not supported are read as if they did nothing, so that what
is wrong around and inside them is found too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from camunda_embedded._bpmn import ad_hoc, compensation, listeners, user_tasks, validate
from camunda_embedded._bpmn.conditions import condition_of
from camunda_embedded._bpmn.escalations import escalation_of
from camunda_embedded._bpmn.event_subprocesses import is_event_sub_process
from camunda_embedded._bpmn.extensions import extension as _extension
from camunda_embedded._bpmn.extensions import extensions as _extensions
from camunda_embedded._bpmn.extensions import says_one
from camunda_embedded._bpmn.file import File
from camunda_embedded._bpmn.grammar import BPMN, EVENT_DEFINITIONS, FLOW_NODES, event_definitions, runs
from camunda_embedded._bpmn.model import (
    Binding,
    CalledElement,
    Computed,
    Element,
    Expression,
    Flow,
    IoMapping,
    Job,
    Loop,
    Message,
    Process,
    Timer,
)
from camunda_embedded._bpmn.xml import Node

__all__ = ["ProcessReader"]

_PATH = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*")
_BINDINGS = ("deployment", "latest", "versionTag")
_HEADER = "io.camunda.zeebe:"
#: Scopes: what is in them is read too.
_SCOPES = frozenset({"subProcess", "adHocSubProcess", "transaction"})
#: Elements of BPMN in the middle of a flow that are not in the engine's grammar.
_OPAQUE = re.compile(r".*(Gateway|Task|SubProcess|Choreography)|transaction")
_USER_TASK_JOB = "io.camunda.zeebe:userTask"
#: What a user task hands to its job worker in headers: the extension and its attribute.
_ASSIGNMENT = (
    ("assignmentDefinition", "assignee"),
    ("assignmentDefinition", "candidateGroups"),
    ("assignmentDefinition", "candidateUsers"),
    ("taskSchedule", "dueDate"),
    ("taskSchedule", "followUpDate"),
)


class ProcessReader:
    """Reads one process. Flow nodes are kept in reverse document order, the order in which the
    real engine meets them.
    """

    def __init__(self, file: File, node: Node) -> None:
        self.file = file
        self.node = node
        self.report = file.report
        self.expression = file.expression
        self.attribute = file.attribute
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, Flow] = {}
        self.source: dict[str, Node] = {}

    def read(self) -> Process:
        root = Element(self.node.id, "PROCESS")
        self.elements[root.id] = root
        self.source[root.id] = self.node
        root.listeners = listeners.execution_listeners(self.file, self.node, root)
        self.read_scope(self.node, root)
        self.connect(self.node)
        extension = _extension(self.node, "versionTag")
        tag = extension.get("value") if extension is not None else ""
        process = Process(root.id, root, self.elements, self.flows, tag)
        compensation.connect(process, self.source, self.file)
        ad_hoc.describe(self.elements.values(), self.source)
        validate.process(process, self.source, self.report)
        for form in _extensions(self.node, "userTaskForm"):
            if not form.text.strip():
                self.report(form, "User task form text content has to be present and not empty")
        return process

    def read_scope(self, node: Node, scope: Element) -> None:
        for child in reversed(node.children):
            if child.namespace != BPMN:
                continue
            if child.name in FLOW_NODES or _OPAQUE.fullmatch(child.name):
                self.read_node(child, scope)

    def read_node(self, node: Node, scope: Element) -> None:
        if not node.id:
            self.report(node, "Id must be present and not empty")
        element = Element(node.id, self.type_of(node), scope=scope)
        outer = element
        loop = node.first("multiInstanceLoopCharacteristics")
        if loop is not None:
            outer = Element(
                node.id, "MULTI_INSTANCE_BODY", scope=scope, inner=element, loop=self.read_loop(loop)
            )
            element.scope = outer
        self.elements[node.id] = outer
        self.source[node.id] = node
        scope.children.append(outer)
        if element.type == "INCLUSIVE_GATEWAY":
            scope.inclusive.append(element)
        element.binding = self.read_binding(node)
        mapping = _extension(node, "ioMapping")
        if mapping is not None:
            element.inputs = [self.read_mapping(n) for n in mapping.all("input")]
            element.outputs = [self.read_mapping(n, dynamic=True) for n in mapping.all("output")]
        if node.name in ("startEvent", "endEvent", "boundaryEvent") or node.name.startswith("intermediate"):
            self.read_event(node, element)
        elif element.type == "AD_HOC_SUB_PROCESS":
            ad_hoc.read(self, node, element)
        elif node.name in _SCOPES:
            if is_event_sub_process(node):
                element.type = "EVENT_SUB_PROCESS"
            self.read_scope(node, element)
            if element.type == "EVENT_SUB_PROCESS":
                scope.event_starts += [e for e in element.children if e.type == "START_EVENT"]
        elif (reader := _READERS.get(node.name)) is not None:
            reader(self, node, element)
        element.listeners = listeners.execution_listeners(self.file, node, element)

    def type_of(self, node: Node) -> str:
        return FLOW_NODES[node.name] if runs(node.name, self.file.line) else "UNSUPPORTED"

    def read_binding(self, node: Node) -> Binding:
        """Which version of what an element links is meant; an element links one thing at most."""
        for name in ("calledElement", "calledDecision", "formDefinition"):
            extension = _extension(node, name)
            if extension is None:
                continue
            kind = extension.get("bindingType") or "latest"
            if kind not in _BINDINGS:
                self.report(extension, f"Attribute 'bindingType' must be one of: {', '.join(_BINDINGS)}")
            return Binding(kind, extension.get("versionTag"))
        return Binding()

    def read_mapping(self, node: Node, *, dynamic: bool = False) -> IoMapping:
        target = node.get("target")
        if not _PATH.fullmatch(target):
            self.report(
                node, f"Expected path expression '{target}' but doesn't match the pattern '{_PATH.pattern}'."
            )
        return IoMapping(self.attribute(node, "source", dynamic=dynamic), tuple(target.split(".")))

    # --- events ---

    def read_event(self, node: Node, element: Element) -> None:
        definitions = event_definitions(node)
        element.event = "NONE"
        if definitions:
            name = definitions[0].name
            element.event = EVENT_DEFINITIONS[name] if runs(name, self.file.line) else "UNSUPPORTED"
        flag = "isInterrupting" if element.type == "START_EVENT" else "cancelActivity"
        element.interrupting = node.get(flag).strip() not in ("false", "0")
        validate.event(node, element, definitions, self.report)
        for definition in definitions[:1]:
            self.read_definition(node, definition, element)

    def read_definition(self, node: Node, definition: Node, element: Element) -> None:
        throws = element.type in ("END_EVENT", "INTERMEDIATE_THROW_EVENT")
        if element.event == "MESSAGE" and throws:
            self.read_send_task(node, element)
        elif element.event == "MESSAGE":
            self.read_message(
                definition, element, keyed=element.type != "START_EVENT" or element.starts_inside
            )
        elif element.event == "TIMER":
            for kind in ("Duration", "Date", "Cycle"):
                value = definition.first(f"time{kind}")
                if value is not None:
                    element.timer = Timer(kind, self.expression(definition, value.text.strip()))
        elif element.event == "SIGNAL":
            signal = self.referenced(definition, "signalRef", "Must reference a signal")
            if signal is not None and signal.get("name"):
                element.signal = self.expression(signal, signal.get("name"))
        elif element.event == "LINK":
            element.link = definition.get("name")
            if not element.link:
                self.report(definition, "Link name must be present and not empty.")
        elif element.event == "ERROR" and (throws or definition.get("errorRef")):
            self.read_error(definition, element, throws=throws)
        elif element.event == "CONDITIONAL":
            element.condition = condition_of(definition, self.file)
        elif element.event == "ESCALATION":
            element.escalation = escalation_of(definition, self.file, throws=throws)

    def read_error(self, definition: Node, element: Element, *, throws: bool) -> None:
        error = self.referenced(definition, "errorRef", "Must reference an error")
        code = error.get("errorCode") if error is not None else ""
        if error is None:
            return
        if code.startswith("=") and not throws:
            self.report(
                definition, "The errorCode of the error catch event is not allowed to be an expression"
            )
        elif code:
            element.error = self.expression(error, code)
        elif throws:  # one that is caught without a code is any error
            self.report(definition, "ErrorCode must be present and not empty")

    def referenced(self, node: Node, attribute: str, missing: str) -> Node | None:
        found = self.file.nodes.get(node.get(attribute).rpartition(":")[2])
        if found is None:
            self.report(node, missing)
        return found

    def read_message(self, node: Node, element: Element, *, keyed: bool) -> None:
        message = self.referenced(node, "messageRef", "Must reference a message")
        if message is None:
            return
        subscription = _extension(message, "subscription")
        if keyed and subscription is None:
            self.report(message, "Must have exactly one zeebe:subscription extension element")
        name = message.get("name")
        if not name:
            return
        key = None
        if subscription is not None and keyed:
            key = self.attribute(subscription, "correlationKey", dynamic=True)
        element.message = Message(self.expression(message, name), key)

    # --- tasks ---

    def read_job(self, node: Node, element: Element, missing: str) -> None:
        definition = self.single(node, "taskDefinition", missing)
        if definition is None:
            return
        job_type = self.attribute(definition, "type")
        retries = self.attribute(definition, "retries", default="3")
        element.job = Job(job_type, retries, self.headers(node))

    def single(self, node: Node, name: str, text: str) -> Node | None:
        """The extension of which there must be one; reports the text when there is none, or several."""
        found = _extensions(node, name)
        if len(found) != 1:
            self.report(node, text)
        return found[0] if len(found) == 1 else None

    def headers(self, node: Node) -> dict[str, str]:
        found = _extension(node, "taskHeaders")
        if found is None:
            return {}
        keys = Counter(n.get("key") for n in found.all("header") if n.get("key"))
        for key in (key for key, times in keys.items() if times > 1):
            self.report(found, f"Headers contain duplicate entries for key '{key}'")
        return {n.get("key"): n.get("value") for n in found.all("header") if n.get("key") and n.get("value")}

    def read_service_task(self, node: Node, element: Element) -> None:
        self.read_job(node, element, "Must have exactly one 'zeebe:taskDefinition' extension element")

    def read_send_task(self, node: Node, element: Element) -> None:
        missing = (
            "Must have either one 'zeebe:publishMessage' or one 'zeebe:taskDefinition' extension element"
        )
        self.read_job(node, element, missing)

    def read_script_task(self, node: Node, element: Element) -> None:
        script = self.done_here(node, element, "script")
        if script is not None:
            source = self.attribute(script, "expression")
            element.script = Computed(source, script.get("resultVariable"))

    def read_business_rule_task(self, node: Node, element: Element) -> None:
        called = self.done_here(node, element, "calledDecision")
        if called is not None and self.required(called, "decisionId"):
            decision = self.attribute(called, "decisionId")
            element.decision = Computed(decision, called.get("resultVariable"))

    def done_here(self, node: Node, element: Element, name: str) -> Node | None:
        """The extension by which the engine does a task itself; None when the task is a job,
        or has both or neither.
        """
        own = _extension(node, name)
        text = f"Must have either one 'zeebe:{name}' or one 'zeebe:taskDefinition' extension element"
        if own is None:
            self.read_job(node, element, text)
        elif _extension(node, "taskDefinition") is not None or len(_extensions(node, name)) > 1:
            self.report(node, text)
        else:
            self.required(own, "resultVariable")
            return own
        return None

    def required(self, node: Node, attribute: str) -> bool:
        if not node.get(attribute):
            self.report(node, f"Attribute '{attribute}' must be present and not empty")
        return node.get(attribute) != ""

    def read_user_task(self, node: Node, element: Element) -> None:
        if _extension(node, "userTask") is not None:
            element.user_task = user_tasks.native(self.file, node, self.headers(node))
            return
        headers, computed = self.headers(node), {}
        for name, attribute in _ASSIGNMENT:
            extension = _extension(node, name)
            if extension is not None and extension.get(attribute):
                computed[_HEADER + attribute] = self.attribute(extension, attribute)
        form, form_id = _extension(node, "formDefinition"), None
        if form is not None and self.exactly_one(form, ("formId", "formKey")):
            if form.get("formKey").strip():
                headers[_HEADER + "formKey"] = form.get("formKey")
            else:
                form_id = self.attribute(form, "formId")
        element.job = Job(Expression(_USER_TASK_JOB), Expression("1"), headers, computed, form_id)

    def exactly_one(self, node: Node, attributes: tuple[str, ...]) -> bool:
        """True when one of the attributes says something, and only one; reports the node when not."""
        if says_one(node, attributes):
            return True
        names = ", ".join(attributes)
        self.report(node, f"Exactly one of the attributes '{names}' must be present and not blank")
        return False

    def read_receive_task(self, node: Node, element: Element) -> None:
        element.event = "MESSAGE"
        self.read_message(node, element, keyed=True)

    def read_call_activity(self, node: Node, element: Element) -> None:
        called = self.single(
            node, "calledElement", "Must have exactly one 'zeebe:calledElement' extension element"
        )
        if called is None:
            return
        element.called = CalledElement(
            self.attribute(called, "processId"),
            called.get("propagateAllParentVariables") != "false",
            called.get("propagateAllChildVariables") != "false",
        )

    def read_loop(self, node: Node) -> Loop | None:
        missing = "Must have exactly one 'zeebe:loopCharacteristics' extension element"
        loop = self.single(node, "loopCharacteristics", missing)
        if loop is None:
            return None
        collection, element = loop.get("outputCollection"), loop.get("outputElement")
        for name, value, other, given in (
            ("outputElement", element, "outputCollection", collection),
            ("outputCollection", collection, "outputElement", element),
        ):
            if given and not value:
                self.report(loop, f"Attribute '{name}' must be present if the attribute '{other}' is set")
        condition = node.first("completionCondition")
        return Loop(
            node.get("isSequential") == "true",
            self.attribute(loop, "inputCollection", dynamic=True),
            loop.get("inputElement") or None,
            collection or None,
            self.attribute(loop, "outputElement", dynamic=True) if element else None,
            self.file.text(condition, condition.text.strip(), dynamic=True)
            if condition is not None
            else None,
        )

    # --- connections ---

    def connect(self, scope: Node) -> None:
        for node in reversed(scope.children):
            if node.namespace != BPMN:
                continue
            if node.name == "sequenceFlow":
                self.connect_flow(node)
            elif node.name == "boundaryEvent":
                self.attach(node)
            elif node.name in _SCOPES:
                self.connect(node)
        for node in scope.children:
            default = node.get("default")
            element = self.elements.get(node.id) if node.namespace == BPMN else None
            if default and element is not None:
                element.default = self.flows.get(default)

    def connect_flow(self, node: Node) -> None:
        source, target = self.elements.get(node.get("sourceRef")), self.elements.get(node.get("targetRef"))
        if source is None or target is None or source.scope is not target.scope:
            self.report(node, "A sequence flow must connect two flow nodes of one scope")
            return
        flow = Flow(node.id, source, target)
        condition = node.first("conditionExpression")
        if condition is not None:
            flow.condition = self.file.text(condition, condition.text.strip(), dynamic=True)
        self.flows[flow.id] = flow
        self.source[flow.id] = node
        source.outgoing.append(flow)
        target.incoming.append(flow)

    def attach(self, node: Node) -> None:
        host = self.elements.get(node.get("attachedToRef"))
        if host is None:
            self.report(node, "Must be attached to an activity")
            return
        event = self.elements[node.id]
        event.host = host
        host.boundary.append(event)


_READERS: dict[str, Callable[[ProcessReader, Node, Element], None]] = {
    "serviceTask": ProcessReader.read_service_task,
    "sendTask": ProcessReader.read_send_task,
    "scriptTask": ProcessReader.read_script_task,
    "businessRuleTask": ProcessReader.read_business_rule_task,
    "userTask": ProcessReader.read_user_task,
    "receiveTask": ProcessReader.read_receive_task,
    "callActivity": ProcessReader.read_call_activity,
}
