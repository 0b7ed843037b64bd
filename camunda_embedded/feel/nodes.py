"""The syntax tree between the parser and the compiler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Literal:
    """A number, string, boolean, null, or the value of `@"..."`."""

    value: Any


@dataclass(frozen=True)
class Name:
    """A variable; `?` is the input of a unary test."""

    name: str


@dataclass(frozen=True)
class Path:
    """`base.key`"""

    base: Node
    key: str


@dataclass(frozen=True)
class Filter:
    """`base[condition]`"""

    base: Node
    condition: Node


@dataclass(frozen=True)
class ListOf:
    """`[a, b]`"""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class ContextOf:
    """`{a: 1, b: a}`; an entry sees the entries before it."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class RangeOf:
    """`[a..b]`, `(a..b)` and the forms with outward brackets."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool
    bare: bool = True


@dataclass(frozen=True)
class If:
    """`if condition then positive else negative`"""

    condition: Node
    positive: Node
    negative: Node


@dataclass(frozen=True)
class Iterator:
    """`name in source`, or `name in source..end`"""

    name: str
    source: Node
    end: Node | None


@dataclass(frozen=True)
class For:
    """`for a in x, b in y return body`"""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True)
class Quantified:
    """`some a in x satisfies condition`, or with `every`"""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True)
class FunctionOf:
    """`function(a, b) body`"""

    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True)
class Call:
    """`name(a, b)`, `name(x: a)`; with a base, `base.name(a)`."""

    base: Node | None
    name: str
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None


@dataclass(frozen=True)
class Negation:
    """`-operand`"""

    operand: Node


@dataclass(frozen=True)
class Binary:
    """An arithmetic operator, a comparison, `and` or `or`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Between:
    """`value between low and high`"""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True)
class InstanceOf:
    """`value instance of type`"""

    value: Node
    type: str


@dataclass(frozen=True)
class Comparison:
    """A test such as `< 5`, against the input `?`."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Tests:
    """Alternatives that a value is tested against; no alternative at all (`-`) accepts everything."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True)
class In:
    """`value in tests`"""

    value: Node
    tests: Tests


Node = (
    Literal | Name | Path | Filter | ListOf | ContextOf | RangeOf | If | For | Quantified | FunctionOf | Call
    | Negation | Binary | Between | InstanceOf | Comparison | In
)  # fmt: skip
