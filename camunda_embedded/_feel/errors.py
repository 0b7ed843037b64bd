"""The errors of the FEEL interpreter.

Inside an expression a wrong type or a missing variable is never an error: the result is null and
the reason is kept among the evaluation's failures. What is raised is only what stops an expression
from being used at all.
"""

from __future__ import annotations

from collections.abc import Sequence


class FeelError(Exception):
    """Base class of everything this package raises."""


class FeelSyntaxError(FeelError):
    """The text is not an expression (or not a list of unary tests).

    Attributes:
        text: the text that was compiled.
        position: index of the offending character in `text`, counted from 0.
    """

    def __init__(self, message: str, text: str, position: int) -> None:
        line = text.count("\n", 0, position) + 1
        column = position - (text.rfind("\n", 0, position) + 1) + 1
        shown = text if len(text) <= 300 else text[:300] + "…"
        super().__init__(f"{message} at line {line}, column {column} of '{shown}'")
        self.text = text
        self.position = position


class UnknownFunction(FeelSyntaxError):
    """A call names neither a built-in function nor a function that the expression itself defines.

    Attributes:
        name: the name that was called.
    """

    def __init__(self, name: str, text: str, position: int) -> None:
        super().__init__(f"no function with the name '{name}' exists", text, position)
        self.name = name


class FeelEvaluationError(FeelError):
    """The evaluation cannot go on: a violated `assert`, a division by zero in `modulo`, a
    bound of this interpreter.

    Attributes:
        failures: the failures gathered until then, in the form "[KIND] text".
    """

    def __init__(self, message: str, failures: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.failures = list(failures)
