"""What a task asks of job workers: the job that its definition gives for an instance."""

from __future__ import annotations

import re
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._documents import dumps
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.resources import Repository
from camunda_embedded._engine.state import Instance, Job
from camunda_embedded._engine.variables import Variables
from camunda_embedded._feel.values import type_name

__all__ = ["prepare"]


#: What the expressions of a user task may give, when not a text.
_KINDS = {
    "candidateGroups": ("ARRAY",),
    "candidateUsers": ("ARRAY",),
    "dueDate": ("NULL", "DATE_TIME", "STRING"),
    "followUpDate": ("NULL", "DATE_TIME", "STRING"),
}


def prepare(kernel: Kernel, variables: Variables, repository: Repository, instance: Instance) -> Job:
    """The job of a task; Failure when its type, retries or headers cannot be had."""
    wanted = instance.element.job
    assert wanted is not None
    type_ = variables.typed(instance, wanted.type, "STRING")
    if wanted.retries.static:
        try:
            retries = int(wanted.retries.text)
        except ValueError:
            text = (
                f"Expected result of the expression '{wanted.retries.text}' to be 'NUMBER', but was 'STRING'."
            )
            raise Failure("EXTRACT_VALUE_ERROR", text) from None
    else:
        retries = int(variables.typed(instance, wanted.retries, "NUMBER"))
    headers = dict(wanted.headers)
    for name, expression in wanted.computed.items():
        short = name.rpartition(":")[2]
        kinds = ("STRING",) if expression.static else _KINDS.get(short, ("STRING",))
        value = variables.typed(instance, expression, *kinds)
        if isinstance(value, list) and any(type_name(item) != "STRING" for item in value):
            text = f"Expected result of the expression '{expression.text}' to be 'ARRAY' containing 'STRING' items, "
            text += "but was 'ARRAY' containing at least one non-'STRING' item."
            raise Failure("EXTRACT_VALUE_ERROR", text)
        header = _header(short, value)
        if header is not None:
            headers[name] = header
    if wanted.form_id is not None:
        form = variables.typed(instance, wanted.form_id, "STRING")
        found = repository.forms.latest(form)
        if found is None:
            text = (
                f"Expected to find a form with id '{form}', but no form with this id is found, "
                "at least a form with this id should be available. "
                "To resolve the Incident please deploy a form with the same id"
            )
            raise Failure("FORM_NOT_FOUND", text)
        headers["io.camunda.zeebe:formKey"] = str(found.key)
    return Job(kernel.next_key(), str(type_), retries, headers, instance)


def _header(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name.startswith("candidate"):
        items = value if isinstance(value, list) else [part.strip() for part in str(value).split(",")]
        return dumps(feel.to_json(items))
    text = value if type_name(value) == "STRING" else str(feel.to_json(value))
    # Dates are written without seconds when these are zero.
    return re.sub(r"(T\d\d:\d\d):00(?=[Z+-])", r"\1", text) if name.endswith("Date") else text
