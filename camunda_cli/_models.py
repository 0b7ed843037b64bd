"""Models that commands deploy themselves: made from templates, with names that the caller chooses."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

__all__ = ["catching", "decision", "erring", "service_tasks"]

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="http://example.org/camunda-bridge">\n'
)


def service_tasks(process: str, *types: str) -> bytes:
    """A process of service tasks, one after another: ids ``task-1``, ``task-2``, …, each with its job type."""
    parts = ['<bpmn:startEvent id="started"><bpmn:outgoing>flow-0</bpmn:outgoing></bpmn:startEvent>']
    flows = []
    source = "started"
    for number, each in enumerate(types, start=1):
        task = f"task-{number}"
        parts.append(
            f'<bpmn:serviceTask id="{task}"><bpmn:extensionElements><zeebe:taskDefinition type={quoteattr(each)} />'
            f"</bpmn:extensionElements><bpmn:incoming>flow-{number - 1}</bpmn:incoming>"
            f"<bpmn:outgoing>flow-{number}</bpmn:outgoing></bpmn:serviceTask>"
        )
        flows.append(_flow(number - 1, source, task))
        source = task
    parts.append(
        f'<bpmn:endEvent id="ended"><bpmn:incoming>flow-{len(types)}</bpmn:incoming></bpmn:endEvent>'
    )
    flows.append(_flow(len(types), source, "ended"))
    body = "\n".join([*parts, *flows])
    process_tag = f'<bpmn:process id={quoteattr(process)} isExecutable="true">'
    return "\n".join([_HEAD + process_tag, body, "</bpmn:process>", "</bpmn:definitions>", ""]).encode()


def _flow(number: int, source: str, target: str) -> str:
    return f'<bpmn:sequenceFlow id="flow-{number}" sourceRef="{source}" targetRef="{target}" />'


def catching(process: str, message: str, job_type: str) -> bytes:
    """A process that waits for a message (correlated by its variable ``key``), and then has a job."""
    return _process(
        process,
        f'<bpmn:message id="awaited" name={quoteattr(message)}><bpmn:extensionElements>'
        '<zeebe:subscription correlationKey="=key" /></bpmn:extensionElements></bpmn:message>',
        '<bpmn:startEvent id="started" />',
        '<bpmn:intermediateCatchEvent id="waits"><bpmn:messageEventDefinition id="waited" messageRef="awaited" />'
        "</bpmn:intermediateCatchEvent>",
        _task("task", job_type),
        '<bpmn:endEvent id="ended" />',
        _flow(0, "started", "waits"),
        _flow(1, "waits", "task"),
        _flow(2, "task", "ended"),
    )


def erring(process: str, job_type: str, handler: str, code: str) -> bytes:
    """A process with a job whose error ``code`` is caught, and handled by another job."""
    return _process(
        process,
        f'<bpmn:error id="error" errorCode={quoteattr(code)} />',
        '<bpmn:startEvent id="started" />',
        _task("task", job_type),
        '<bpmn:boundaryEvent id="caught" attachedToRef="task"><bpmn:outgoing>flow-2</bpmn:outgoing>'
        '<bpmn:errorEventDefinition id="catches" errorRef="error" /></bpmn:boundaryEvent>',
        _task("handler", handler),
        '<bpmn:endEvent id="ended" />',
        '<bpmn:endEvent id="handled" />',
        _flow(0, "started", "task"),
        _flow(1, "task", "ended"),
        _flow(2, "caught", "handler"),
        _flow(3, "handler", "handled"),
    )


def decision(name: str, requirements: str, expression: str) -> bytes:
    """A decision of one literal expression."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" '
        f'id={quoteattr(requirements)} name={quoteattr(name)} namespace="http://example.org/camunda-bridge">'
        f"<decision id={quoteattr(name)} name={quoteattr(name)}>"
        '<variable id="result" name="result" /><literalExpression id="expression">'
        f"<text>{escape(expression)}</text></literalExpression></decision></definitions>\n"
    ).encode()


def _process(process: str, before: str, *parts: str) -> bytes:
    """``before`` stands outside of the process."""
    opening = f'<bpmn:process id={quoteattr(process)} isExecutable="true">'
    return "\n".join([_HEAD + before, opening, *parts, "</bpmn:process>", "</bpmn:definitions>", ""]).encode()


def _task(task: str, job_type: str) -> str:
    return (
        f'<bpmn:serviceTask id="{task}"><bpmn:extensionElements><zeebe:taskDefinition type={quoteattr(job_type)} />'
        "</bpmn:extensionElements></bpmn:serviceTask>"
    )
