"""Conditions on what is searched: ``client.search_user_tasks(priority=gt(50), name=like("Check*"))``.

A plain value means "equals", a list "one of these". What else a field can be asked, its type says: an operator that the field
has not is refused by the type checker, and by InvalidRequest before anything is sent. Conditions of one field are joined by
``&``. Dictionaries as the REST API writes them (``{"$gt": 50}``) pass too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = [
    "OPERATORS",
    "Comparison",
    "Condition",
    "Equal",
    "Exists",
    "Like",
    "NotIn",
    "Ordered",
    "eq",
    "exists",
    "ge",
    "gt",
    "in_",
    "le",
    "like",
    "lt",
    "ne",
    "not_in",
]

T = TypeVar("T")
C = TypeVar("C", bound="Condition")

#: The sets of operators that fields have; the shapes of requests name one by its number.
OPERATORS: tuple[tuple[str, ...], ...] = (
    ("$eq", "$neq", "$exists", "$in"),
    ("$eq", "$neq", "$exists", "$in", "$like"),
    ("$eq", "$neq", "$exists", "$in", "$notIn"),
    ("$eq", "$neq", "$exists", "$in", "$notIn", "$like"),
    ("$eq", "$neq", "$exists", "$gt", "$gte", "$lt", "$lte", "$in"),
    ("$eq", "$neq", "$exists", "$gt", "$gte", "$lt", "$lte", "$in", "$like"),
)


class Condition:
    """What a field must fulfil: operators of the REST API with their operands."""

    __slots__ = ("operators",)

    def __init__(self, operators: Mapping[str, Any]) -> None:
        self.operators = dict(operators)

    def __and__(self: C, other: Condition) -> C:
        if not isinstance(other, Condition):
            return NotImplemented
        twice = self.operators.keys() & other.operators.keys()
        if twice:
            raise ValueError(f"{', '.join(sorted(twice))} is there twice: a field has each operator once")
        return type(self)(self.operators | other.operators)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.operators == other.operators

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.operators!r})"


class Equal(Condition, Generic[T]):
    """Is, is not, is one of: every field can be asked that."""

    __slots__ = ()


class Exists(Condition):
    """Has any value, or none: every field can be asked that."""

    __slots__ = ()


class NotIn(Condition, Generic[T]):
    """Is none of these: keys and texts."""

    __slots__ = ()


class Like(Condition):
    """Matches a pattern: texts and words."""

    __slots__ = ()


class Ordered(Condition, Generic[T]):
    """Is more or less: numbers and times."""

    __slots__ = ()


def eq(value: T) -> Equal[T]:
    """Is that value."""
    return Equal({"$eq": value})


def ne(value: T) -> Equal[T]:
    """Is not that value."""
    return Equal({"$neq": value})


def in_(*values: T) -> Equal[T]:
    """Is one of these values."""
    return Equal({"$in": list(values)})


def not_in(*values: T) -> NotIn[T]:
    """Is none of these values."""
    return NotIn({"$notIn": list(values)})


def exists(there: bool = True) -> Exists:
    """Has a value; with False, has none."""
    return Exists({"$exists": there})


def like(pattern: str) -> Like:
    """Matches the pattern: ``*`` stands for any text, ``?`` for one character, ``\\`` before either for itself."""
    return Like({"$like": pattern})


def gt(value: T) -> Ordered[T]:
    """Is more (later) than the value."""
    return Ordered({"$gt": value})


def ge(value: T) -> Ordered[T]:
    """Is the value or more (later)."""
    return Ordered({"$gte": value})


def lt(value: T) -> Ordered[T]:
    """Is less (earlier) than the value."""
    return Ordered({"$lt": value})


def le(value: T) -> Ordered[T]:
    """Is the value or less (earlier)."""
    return Ordered({"$lte": value})


#: A dictionary as the REST API writes it: ``{"$gt": 5}``.
Comparison: TypeAlias = Mapping[str, Any]

Key: TypeAlias = "str | int"
Time: TypeAlias = "datetime | str"

# What the fields of filters take, by what they are. (As text: nothing but type checkers reads these.)
WordMatch: TypeAlias = "T | Sequence[T] | Equal[T] | Exists | Comparison"
LikedWordMatch: TypeAlias = "T | Sequence[T] | Equal[T] | Exists | Like | Comparison"
AnyWordMatch: TypeAlias = "T | Sequence[T] | Equal[T] | Exists | Like | NotIn[T] | Comparison"
TextMatch: TypeAlias = "str | Sequence[str] | Equal[str] | Exists | Like | NotIn[str] | Comparison"
PlainTextMatch: TypeAlias = "str | Sequence[str] | Equal[str] | Exists | NotIn[str] | Comparison"
KeyMatch: TypeAlias = (
    "str | int | Sequence[Key] | Equal[str] | Equal[int] | Exists | NotIn[str] | NotIn[int] | Comparison"
)
NumberMatch: TypeAlias = "int | Sequence[int] | Equal[int] | Exists | Ordered[int] | Comparison"
_TimeCondition: TypeAlias = "Equal[datetime] | Equal[str] | Exists | Ordered[datetime] | Ordered[str]"
TimeMatch: TypeAlias = "datetime | str | Sequence[Time] | _TimeCondition | Comparison"

#: Variables by name: each a JSON value (which it equals) or a condition on its JSON text.
VariableMatches: TypeAlias = "Mapping[str, Any] | Sequence[Mapping[str, Any]]"
