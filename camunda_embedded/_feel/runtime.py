"""What an evaluation works in: scopes of names, and the run with its clock, failures and bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from camunda_embedded._feel.budget import tick
from camunda_embedded._feel.values import from_json, text_of
from camunda_embedded._limits import MAX_FAILURE, MAX_ITERATIONS

MISSING = object()
"""What no name is bound to."""


class Fatal(Exception):
    """Ends the evaluation; the expression's text is added where it is known."""

    def __init__(self, message: str, assertion: bool = False) -> None:
        super().__init__(message)
        self.assertion = assertion


class NotComparable(Fatal):
    """Two lists were compared."""


class Run:
    """One evaluation: the variables from outside, `now`, and what went wrong so far."""

    __slots__ = ("cache", "failures", "iterations", "now", "variables")

    def __init__(self, variables: Mapping[str, Any], now: Callable[[], dt.datetime] | None) -> None:
        self.variables = variables
        self.now = now
        self.failures: list[str] = []
        self.cache: dict[str, Any] = {}
        self.iterations = 0

    def fail(self, kind: str, text: str) -> Any:
        """Keep a failure, and answer null, the value of what failed."""
        if len(self.failures) < 100:
            shown = text if len(text) <= MAX_FAILURE else text[:MAX_FAILURE] + "…"
            self.failures.append(f"[{kind}] {shown}")
        return None

    def expected(self, kind: str, value: Any) -> Any:
        """Keep the failure that a value is of another kind, and answer null."""
        return self.fail("INVALID_TYPE", f"Expected {kind} but found '{text_of(value)}'")

    def variable(self, name: str) -> Any:
        """The FEEL value of a variable from outside; null, and a failure, when there is none."""
        value = self.cache.get(name, MISSING)
        if value is not MISSING:
            return value
        try:
            raw = self.variables[name]
        except KeyError:
            return self.fail("NO_VARIABLE_FOUND", f"No variable found with name '{name}'")
        value = self.cache[name] = from_json(raw)
        return value

    def count(self, items: int) -> None:
        """Count visited items against the bound, and look at the time."""
        tick()
        self.iterations += items
        if self.iterations > MAX_ITERATIONS:
            raise Fatal(f"more than {MAX_ITERATIONS} items were visited")


class Scope:
    """The names that are bound inside the expression, innermost first; `?` is the input of a unary test."""

    __slots__ = ("names", "parent", "run")

    def __init__(self, names: dict[str, Any], parent: Scope | None, run: Run) -> None:
        self.names = names
        self.parent = parent
        self.run = run

    def find(self, name: str) -> Any:
        """The value that a name is bound to inside the expression, or MISSING."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return MISSING


Closure = Callable[[Scope], Any]
