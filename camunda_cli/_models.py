"""Models that commands deploy themselves: made from templates, with names that the caller chooses."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

__all__ = ["service_tasks"]

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
