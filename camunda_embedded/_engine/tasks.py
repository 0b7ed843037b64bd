"""What a task asks of job workers: the job that its definition gives for an instance."""

from __future__ import annotations

import re
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn.model import Expression
from camunda_embedded._bpmn.model import Job as Asked
from camunda_embedded._documents import dumps
from camunda_embedded._engine.binding import bound
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.resources import Repository
from camunda_embedded._engine.state import Instance, Job
from camunda_embedded._engine.variables import Variables
from camunda_embedded._feel.values import type_name

__all__ = ["candidates", "form_key", "integer", "prepare", "short_time"]


#: What the expressions of a user task may give, when not a text.
_KINDS = {
    "candidateGroups": ("ARRAY",),
    "candidateUsers": ("ARRAY",),
    "dueDate": ("NULL", "DATE_TIME", "STRING"),
    "followUpDate": ("NULL", "DATE_TIME", "STRING"),
}


def prepare(
    kernel: Kernel, variables: Variables, repository: Repository, instance: Instance, wanted: Asked | None
) -> Job:
    """The job that an instance asks for; Failure when its type, retries or headers cannot be had."""
    assert wanted is not None
    type_ = variables.typed(instance, wanted.type, "STRING")
    retries = integer(variables, instance, wanted.retries)
    headers = dict(wanted.headers)
    for name, expression in wanted.computed.items():
        short = name.rpartition(":")[2]
        kinds = ("STRING",) if expression.static else _KINDS.get(short, ("STRING",))
        value = variables.typed(instance, expression, *kinds)
        if isinstance(value, list):
            _only_texts(expression, value)
        header = _header(short, value)
        if header is not None:
            headers[name] = header
    if wanted.form_id is not None:
        key = form_key(variables, repository, instance, wanted.form_id)
        headers["io.camunda.zeebe:formKey"] = str(key)
    return Job(kernel.next_key(), str(type_), retries, headers, instance)


def integer(variables: Variables, instance: Instance, expression: Expression) -> int:
    """An integer, which may be a static text; Failure when it is none."""
    if not expression.static:
        return int(variables.typed(instance, expression, "NUMBER"))
    try:
        return int(expression.text)
    except ValueError:
        text = f"Expected result of the expression '{expression.text}' to be 'NUMBER', but was 'STRING'."
        raise Failure("EXTRACT_VALUE_ERROR", text) from None


def form_key(variables: Variables, repository: Repository, instance: Instance, expression: Expression) -> int:
    """The key of the form of an id that is meant; Failure when there is none."""
    form = variables.typed(instance, expression, "STRING")
    found = bound(repository.forms, form, instance, "FORM_NOT_FOUND", "use form with id")
    if found is None:
        text = (
            f"Expected to find a form with id '{form}', but no form with this id is found, "
            "at least a form with this id should be available. "
            "To resolve the Incident please deploy a form with the same id"
        )
        raise Failure("FORM_NOT_FOUND", text)
    return found.key


def candidates(variables: Variables, instance: Instance, expression: Expression | None) -> list[str]:
    """Names of users or groups: a list, or a static text with commas; Failure for anything else."""
    if expression is None:
        return []
    if expression.static:
        return _separated(expression.text)
    found = variables.typed(instance, expression, "ARRAY")
    _only_texts(expression, found)
    return list(feel.to_json(found))


def short_time(text: str) -> str:
    """A date and time as the engine writes it: without seconds when these are zero."""
    return re.sub(r"(T\d\d:\d\d):00(?=[Z+-])", r"\1", text)


def _separated(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _only_texts(expression: Expression, found: list[Any]) -> None:
    if any(type_name(item) != "STRING" for item in found):
        text = (
            f"Expected result of the expression '{expression.text}' to be 'ARRAY' containing 'STRING' items, "
        )
        text += "but was 'ARRAY' containing at least one non-'STRING' item."
        raise Failure("EXTRACT_VALUE_ERROR", text)


def _header(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name.startswith("candidate"):
        items = value if isinstance(value, list) else _separated(str(value))
        return dumps(feel.to_json(items))
    text = value if type_name(value) == "STRING" else str(feel.to_json(value))
    return short_time(text) if name.endswith("Date") else text
