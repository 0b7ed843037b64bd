"""A FEEL interpreter that answers as Camunda 8 does.

    >>> from camunda_embedded import feel
    >>> feel.compile("if order.total > 100 then \\"big\\" else \\"small\\"").evaluate({"order": {"total": 120}})
    'big'

The language is the one of the reference engine 8.6: null instead of errors, decimal numbers with 34 digits, names
with spaces only in backticks, all built-in functions of Camunda's documentation (those of later versions too). What
it refuses that the reference would answer with null is a call of a function that cannot exist: see `UnknownFunction`.

`now()` and `today()` ask the `now` that the caller passes, no clock. The bounds are in `camunda_embedded._limits`: of
expressions, of what they visit and make, and of the time that they compute (see `feel.budget`). Regular expressions are
described in `feel.functions.regex`, dates and times in `feel.temporal`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from camunda_embedded._feel import budget
from camunda_embedded._feel.compiler import Compiler
from camunda_embedded._feel.errors import FeelError, FeelEvaluationError, FeelSyntaxError, UnknownFunction
from camunda_embedded._feel.nodes import Node
from camunda_embedded._feel.parser import Parser
from camunda_embedded._feel.runtime import Closure, Fatal, Run, Scope
from camunda_embedded._feel.values import from_json, to_json, type_name

Clock = Callable[[], dt.datetime]
C = TypeVar("C", bound="_Compiled")


class _Compiled:
    __slots__ = ("_closure", "names", "text")

    def __init__(self, text: str, closure: Closure, names: set[str]) -> None:
        self.text = text
        self.names = frozenset(names)
        self._closure = closure

    def _run(self, run: Run, scope: Scope) -> Any:
        owned = budget.enter()
        try:
            return self._closure(scope)
        except Fatal as fatal:
            if fatal.assertion:
                message = f"Assertion failure on evaluate the expression '{self.text}': {fatal}"
                raise FeelEvaluationError(message, run.failures) from None
            cause = str(fatal)
        except FeelEvaluationError as error:  # of the time, or of what a value's text would be
            cause = str(error)
        except (ArithmeticError, ValueError):
            cause = "a value is out of bounds"
        except RecursionError:
            cause = "it is nested too deep for this thread's stack"
        finally:
            budget.leave(owned)
        raise FeelEvaluationError(f"failed to evaluate expression '{self.text}': {cause}", run.failures)


class Expression(_Compiled):
    """A compiled expression.

    Attributes:
        text: what was compiled.
        names: the variables that it refers to and does not define itself.
    """

    __slots__ = ()

    def evaluate(self, context: Mapping[str, Any], *, now: Clock | None = None) -> Any:
        """The FEEL value of the expression; null (None) where something does not fit.

        `context` holds the variables as JSON or FEEL values. `now` answers the time for `now()` and
        `today()`; a datetime without a zone counts as UTC.

        Raises:
            FeelEvaluationError: for a violated `assert`, a few errors that end an evaluation in the reference
                engine too (such as `modulo(1, 0)`), and the bounds of this interpreter.
            TypeError: for a variable that is neither a JSON nor a FEEL value.
        """
        return self.evaluate_with_failures(context, now=now)[0]

    def evaluate_with_failures(
        self, context: Mapping[str, Any], *, now: Clock | None = None
    ) -> tuple[Any, list[str]]:
        """As `evaluate`, with the reasons of nulls, such as "[NO_VARIABLE_FOUND] No
        variable found with name 'x'".
        """
        run = Run(context, now)
        return self._run(run, Scope({}, None, run)), run.failures


class UnaryTests(_Compiled):
    """Compiled unary tests, such as `< 5, 10, [20..30]` or `not("a")`.

    Attributes:
        text: what was compiled.
        names: the variables that the tests refer to and do not define themselves.
    """

    __slots__ = ()

    def matches(self, value: Any, context: Mapping[str, Any], *, now: Clock | None = None) -> bool:
        """Whether the value (`?` in the tests) fulfils them. Raises as `Expression.evaluate` does."""
        run = Run(context, now)
        return self._run(run, Scope({"?": from_json(value)}, None, run)) is True


def _compiled(kind: type[C], text: str, functions: frozenset[str], parse: Callable[[Parser], Node]) -> C:
    parser = Parser(text)
    parser.defined |= functions
    try:
        node = parse(parser)
        parser.finish()
        compiler = Compiler(parser.defined)
        return kind(text, compiler.compile(node), compiler.names)
    except RecursionError:
        message = "the expression is nested too deep for this thread's stack"
        raise FeelSyntaxError(message, text, 0) from None


@lru_cache(maxsize=4096)
def compile(text: str, functions: frozenset[str] = frozenset()) -> Expression:
    """Compile an expression (without the leading `=` of a process model); the last 4,096 are remembered.

    `functions` are names of variables that may be called, since their values can be functions.

    Raises:
        FeelSyntaxError: when the text is no expression.
        UnknownFunction: when it calls a function that neither is built in nor is defined in the expression.
    """
    return _compiled(Expression, text, functions, Parser.expression)


@lru_cache(maxsize=4096)
def compile_unary_tests(text: str, functions: frozenset[str] = frozenset()) -> UnaryTests:
    """Compile unary tests; an empty text and `-` accept everything. Raises as `compile` does."""
    return _compiled(UnaryTests, text, functions, Parser.unary_tests)


__all__ = [
    "Clock",
    "Expression",
    "FeelError",
    "FeelEvaluationError",
    "FeelSyntaxError",
    "UnaryTests",
    "UnknownFunction",
    "compile",
    "compile_unary_tests",
    "from_json",
    "to_json",
    "type_name",
]
