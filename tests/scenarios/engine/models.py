"""BPMN in a few words: each function gives a piece of XML, ``process`` puts pieces together."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

_NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_ASSOCIATION = re.compile("<association [^>]*/>")
START = '<startEvent id="s"/>'
END = '<endEvent id="e"/>'


def attributes(**values: str | None) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)


def definitions(*parts: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><definitions {_NAMESPACES} targetNamespace="t">{"".join(parts)}</definitions>'


def process(id: str, *parts: str, top: str = "") -> str:
    body = "".join(parts)
    associations = _ASSOCIATION.findall(body)  # the schema wants them after everything else
    return definitions(
        top,
        f'<process id="{id}" isExecutable="true">',
        _ASSOCIATION.sub("", body),
        *associations,
        "</process>",
    )


def flows(chains: str) -> str:
    """``"a>b>c d>b"``: the flows a_b, b_c and d_b."""
    found = []
    for chain in chains.split():
        ids = chain.split(">")
        found += [f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids)]
    return "".join(found)


def flow_if(source: str, target: str, condition: str) -> str:
    return (
        f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f'<conditionExpression xsi:type="tFormalExpression">{escape(condition)}</conditionExpression></sequenceFlow>'
    )


def extensions(*parts: str) -> str:
    return f"<extensionElements>{''.join(parts)}</extensionElements>" if any(parts) else ""


def io(*mappings: str) -> str:
    """``"in =x -> y"`` and ``"out =r -> result"``."""
    found = []
    for mapping in mappings:
        kind, _, rest = mapping.partition(" ")
        source, _, target = rest.rpartition(" -> ")
        found.append(f"<zeebe:{kind}put{attributes(source=source, target=target)}/>")
    return f"<zeebe:ioMapping>{''.join(found)}</zeebe:ioMapping>" if found else ""


def headers(**values: str) -> str:
    found = "".join(f"<zeebe:header{attributes(key=key, value=value)}/>" for key, value in values.items())
    return f"<zeebe:taskHeaders>{found}</zeebe:taskHeaders>"


def task(
    id: str, type: str, *extra: str, retries: str | None = None, tag: str = "serviceTask", inside: str = ""
) -> str:
    definition = f"<zeebe:taskDefinition{attributes(type=type, retries=retries)}/>"
    return f'<{tag} id="{id}">{extensions(definition, *extra)}{inside}</{tag}>'


def element(tag: str, id: str, *extra: str, inside: str = "", out: str = "", **values: str) -> str:
    outgoing = "".join(f"<outgoing>{flow}</outgoing>" for flow in out.split())
    return f'<{tag} id="{id}"{attributes(**values)}>{extensions(*extra)}{outgoing}{inside}</{tag}>'


def catch(id: str, definition: str, *extra: str) -> str:
    return element("intermediateCatchEvent", id, *extra, inside=definition)


def throw(id: str, definition: str = "", *extra: str) -> str:
    return element("intermediateThrowEvent", id, *extra, inside=definition)


def start(id: str, definition: str, *extra: str) -> str:
    return element("startEvent", id, *extra, inside=definition)


def end(id: str, definition: str, *extra: str) -> str:
    return element("endEvent", id, *extra, inside=definition)


def boundary(id: str, host: str, definition: str, target: str, *extra: str, interrupting: bool = True) -> str:
    values = {"attachedToRef": host, "cancelActivity": str(interrupting).lower()}
    return element("boundaryEvent", id, *extra, inside=definition, out=f"{id}_{target}", **values) + flows(
        f"{id}>{target}"
    )


def timer(kind: str, text: str) -> str:
    """``kind`` is Duration, Date or Cycle."""
    return f'<timerEventDefinition><time{kind} xsi:type="tFormalExpression">{escape(text)}</time{kind}></timerEventDefinition>'


def message_event(reference: str) -> str:
    return f'<messageEventDefinition messageRef="{reference}"/>'


def signal_event(reference: str) -> str:
    return f'<signalEventDefinition signalRef="{reference}"/>'


def error_event(reference: str | None = None) -> str:
    return f"<errorEventDefinition{attributes(errorRef=reference)}/>"


def message(id: str, name: str, key: str | None = None) -> str:
    inside = extensions(f"<zeebe:subscription{attributes(correlationKey=key)}/>") if key else ""
    return f"<message{attributes(id=id, name=name)}>{inside}</message>"


def signal(id: str, name: str) -> str:
    return f"<signal{attributes(id=id, name=name)}/>"


def error(id: str, code: str) -> str:
    return f"<error{attributes(id=id, errorCode=code)}/>"


def subprocess(id: str, *parts: str, extra: str = "", inside: str = "") -> str:
    return f'<subProcess id="{id}">{extensions(extra)}{inside}{"".join(parts)}</subProcess>'


def escalation(id: str, code: str) -> str:
    return f"<escalation{attributes(id=id, escalationCode=code)}/>"


def escalation_event(reference: str | None = None) -> str:
    return f"<escalationEventDefinition{attributes(escalationRef=reference)}/>"


def begin(id: str, definition: str, *extra: str, interrupting: bool = True) -> str:
    """The start event of an event sub-process."""
    flag = None if interrupting else "false"
    return element("startEvent", id, *extra, inside=definition, isInterrupting=flag)


def event_subprocess(id: str, *parts: str, extra: str = "") -> str:
    return f'<subProcess id="{id}" triggeredByEvent="true">{extensions(extra)}{"".join(parts)}</subProcess>'


def call(id: str, called: str, *extra: str, inside: str = "", **values: str) -> str:
    definition = f"<zeebe:calledElement{attributes(processId=called, **values)}/>"
    return f'<callActivity id="{id}">{extensions(definition, *extra)}{inside}</callActivity>'


def each(
    collection: str,
    item: str | None = None,
    *,
    sequential: bool = False,
    results: str | None = None,
    result: str | None = None,
    until: str | None = None,
) -> str:
    """Multi-instance characteristics."""
    values = attributes(
        inputCollection=collection, inputElement=item, outputCollection=results, outputElement=result
    )
    condition = (
        f'<completionCondition xsi:type="tFormalExpression">{escape(until)}</completionCondition>'
        if until
        else ""
    )
    loop = extensions(f"<zeebe:loopCharacteristics{values}/>")
    opened = f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
    return f"{opened}{loop}{condition}</multiInstanceLoopCharacteristics>"


def compensation_event(activity: str | None = None) -> str:
    return f"<compensateEventDefinition{attributes(activityRef=activity)}/>"


def undone_by(host: str, handler: str) -> str:
    """A compensation boundary event, and what connects it with its handler."""
    event = element("boundaryEvent", f"{host}_undo", inside=compensation_event(), attachedToRef=host)
    return f'{event}<association id="{host}_by" sourceRef="{host}_undo" targetRef="{handler}"/>'


def handler(xml: str) -> str:
    """An activity, as one that undoes another."""
    return xml.replace(" id=", ' isForCompensation="true" id=', 1)


def ad_hoc(
    id: str, *parts: str, extra: str = "", until: str | None = None, inside: str = "", **values: str
) -> str:
    """An ad-hoc sub-process; ``extra`` are its extensions, ``until`` its completion condition."""
    condition = (
        f'<completionCondition xsi:type="tFormalExpression">{escape(until)}</completionCondition>'
        if until
        else ""
    )
    body = f"{extensions(extra)}{inside}{''.join(parts)}{condition}"
    return f'<adHocSubProcess id="{id}"{attributes(**values)}>{body}</adHocSubProcess>'


def active(expression: str | None = None, results: str | None = None, result: str | None = None) -> str:
    """What an ad-hoc sub-process begins with, and what it collects."""
    values = attributes(activeElementsCollection=expression, outputCollection=results, outputElement=result)
    return f"<zeebe:adHoc{values}/>"
