"""Boolean functions, and those that take any value."""

from __future__ import annotations

import random
import uuid
from decimal import Decimal
from typing import Any

from camunda_embedded._feel.functions.registry import register
from camunda_embedded._feel.runtime import Fatal, Run
from camunda_embedded._feel.values import equal


def _assert(run: Run, value: Any, condition: Any, cause: str = "The condition is not fulfilled") -> Any:
    if condition is True:
        return value
    run.fail("ASSERT_FAILURE", cause)
    raise Fatal(cause, assertion=True)


def _from_ai(value: Any, *_: Any) -> Any:
    """Marks a value for other tools; the value itself passes."""
    return value


register({"assert(value, condition, cause?: string)": _assert}, with_run=True)
register(
    {
        "not(negand)": lambda negand: not negand if negand is True or negand is False else None,
        "is(value1, value2)": lambda value1, value2: equal(value1, value2) is True,
        "is defined(value)": lambda value: value is not None,
        "get or else(value, default)": lambda value, default: default if value is None else value,
        "uuid()": lambda: str(uuid.uuid4()),
        "random number()": lambda: Decimal(repr(random.random())),
        "fromAi(value, description?: string|null, type?: string|null, schema?: context|null, options?: context|null)":
            _from_ai,
        "fromAi(value, type: string|null)": _from_ai,
        "fromAi(value, schema: context|null)": _from_ai,
        "fromAi(value, options: context|null)": _from_ai,
        "fromAi(value, description: string|null, schema: context|null)": _from_ai,
    }
)  # fmt: skip
