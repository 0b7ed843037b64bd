"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from camunda_cli._kinds import json_object, variables_of

__all__ = ["process_of", "with_variables"]

F = TypeVar("F", bound=Callable[..., Any])


def with_variables(function: F) -> F:
    """``--variables`` and ``--var``: the function gets ``variables``, a mapping or None."""

    @click.option(
        "--variables",
        "whole",
        type=json_object,
        metavar="JSON",
        help="Variables: '{\"total\": 12}', @file.json, or - for standard input.",
    )
    @click.option(
        "--var",
        "single",
        multiple=True,
        metavar="NAME=VALUE",
        help="One more; the value is JSON, or else text.",
    )
    @wraps(function)
    def wrapped(*args: Any, whole: dict[str, Any] | None, single: tuple[str, ...], **more: Any) -> Any:
        return function(*args, variables=variables_of(whole, single), **more)

    return wrapped  # type: ignore[return-value]


def process_of(process: str) -> dict[str, Any]:
    """A process by its id, or by its key, which is a number: ids of BPMN never are."""
    return {"process_definition_key": process} if process.isdigit() else {"process_definition_id": process}
