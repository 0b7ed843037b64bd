"""What a failed assertion says of its instance."""

from __future__ import annotations

import json
from typing import Any

from camunda_embedded.testing._facts import ElementFacts, InstanceFacts

__all__ = ["report"]

_MOST = 40
_LONG = 200


def report(facts: InstanceFacts) -> str:
    """What the instance did, where it stands, its variables and its incidents, a line each."""
    lines = [
        f"process {facts.process_id}, instance {facts.key}: {facts.state}",
        *_block("it stands at", [_place(facts, run) for run in facts.elements if run.state == "ACTIVE"]),
        *_block("it did", [_done(run) for run in facts.elements]),
        *_block(
            "variables", [f"{name} = {_value(value)}" for name, value in sorted(facts.variables.items())]
        ),
        *_block("variables of elements", _local(facts), always=False),
        *_block(
            "incidents",
            [f"at {i.element_id}: {i.type}, {i.state}: {_cut(i.message)}" for i in facts.incidents],
        ),
        *_block(
            "decisions", [f"{d.id} → {d.failure or _value(d.output)}" for d in facts.decisions], always=False
        ),
    ]
    return "\n".join(lines)


def _block(title: str, lines: list[str], *, always: bool = True) -> list[str]:
    if not lines:
        return [f"  {title}: none"] if always else []
    shown = lines if len(lines) <= _MOST else [f"({len(lines) - _MOST} before)", *lines[-_MOST:]]
    return [f"  {title}:", *(f"    {line}" for line in shown)]


def _place(facts: InstanceFacts, run: ElementFacts) -> str:
    told = [f"{run.id} ({run.type})"]
    for job in facts.jobs:
        if job.element_key == run.key and job.state not in ("COMPLETED", "CANCELED", "ERROR_THROWN"):
            told.append(
                f"job {job.type} is {job.state}, retries {job.retries}"
                + (f", {_cut(job.error)}" if job.error else "")
            )
    for task in facts.user_tasks:
        if task.element_id == run.id and task.state not in ("COMPLETED", "CANCELED"):
            told.append(f"user task is {task.state}, assignee {task.assignee or 'nobody'}")
    for incident in facts.incidents:
        if incident.element_id == run.id and incident.state == "ACTIVE":
            told.append(f"incident {incident.type}")
    return "; ".join(told)


def _done(run: ElementFacts) -> str:
    return f"{run.id} ({run.type}) {run.state}"


def _local(facts: InstanceFacts) -> list[str]:
    names = {run.key: run.id for run in facts.elements}
    return [
        f"{names.get(scope, scope)}: {name} = {_value(value)}"
        for scope, variables in facts.local.items()
        for name, value in sorted(variables.items())
    ]


def _value(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONG else f"{line[:_LONG]}…"
