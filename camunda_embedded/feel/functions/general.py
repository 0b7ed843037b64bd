"""Boolean functions, and those that take any value."""

from __future__ import annotations

import random
import uuid
from decimal import Decimal
from typing import Any

from camunda_embedded.feel.functions.registry import builtin
from camunda_embedded.feel.runtime import Fatal, Run


@builtin("not(negand)")
def negation(negand: Any) -> Any:
    return not negand if negand is True or negand is False else None


@builtin("is defined(value)")
def is_defined(value: Any) -> bool:
    return value is not None


@builtin("get or else(value, default)")
def get_or_else(value: Any, default: Any) -> Any:
    return default if value is None else value


@builtin("assert(value, condition)", needs_run=True)
def assertion(run: Run, value: Any, condition: Any) -> Any:
    return assertion_with_cause(run, value, condition, "The condition is not fulfilled")


@builtin("assert(value, condition, cause: string)", needs_run=True)
def assertion_with_cause(run: Run, value: Any, condition: Any, cause: str) -> Any:
    if condition is True:
        return value
    run.fail("ASSERT_FAILURE", cause)
    raise Fatal(cause, assertion=True)


@builtin("uuid()")
def new_uuid() -> str:
    return str(uuid.uuid4())


@builtin("random number()")
def random_number() -> Decimal:
    return Decimal(repr(random.random()))


@builtin(
    "fromAi(value)",
    "fromAi(value, description: string|null)",
    "fromAi(value, description: string|null, type: string|null)",
    "fromAi(value, description: string|null, type: string|null, schema: context|null)",
    "fromAi(value, description: string|null, type: string|null, schema: context|null, options: context|null)",
    "fromAi(value, type: string|null)",
    "fromAi(value, schema: context|null)",
    "fromAi(value, options: context|null)",
    "fromAi(value, description: string|null, schema: context|null)",
)
def from_ai(value: Any, *_: Any) -> Any:
    """Marks a value for other tools; the value itself passes."""
    return value
