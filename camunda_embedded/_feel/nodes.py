"""The syntax tree between the parser and the compiler."""

from __future__ import annotations

from typing import Any, NamedTuple


class Literal(NamedTuple):
    """A number, string, boolean, null, or the value of `@"..."`."""

    value: Any


class Name(NamedTuple):
    """A variable; `?` is the input of a unary test."""

    name: str


class Path(NamedTuple):
    """`base.key`, `base.key.key`"""

    base: Node
    keys: tuple[str, ...]


class Filter(NamedTuple):
    """`base[condition]`"""

    base: Node
    condition: Node


class ListOf(NamedTuple):
    """`[a, b]`"""

    items: tuple[Node, ...]


class ContextOf(NamedTuple):
    """`{a: 1, b: a}`; an entry sees the entries before it."""

    entries: tuple[tuple[str, Node], ...]


class RangeOf(NamedTuple):
    """`[a..b]`, `(a..b)` and the forms with outward brackets."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool
    bare: bool = True


class If(NamedTuple):
    """`if condition then positive else negative`"""

    condition: Node
    positive: Node
    negative: Node


class Iterator(NamedTuple):
    """`name in source`, or `name in source..end`"""

    name: str
    source: Node
    end: Node | None


class For(NamedTuple):
    """`for a in x, b in y return body`"""

    iterators: tuple[Iterator, ...]
    body: Node


class Quantified(NamedTuple):
    """`some a in x satisfies condition`, or with `every`"""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


class FunctionOf(NamedTuple):
    """`function(a, b) body`"""

    parameters: tuple[str, ...]
    body: Node


class Call(NamedTuple):
    """`name(a, b)`, `name(x: a)`; with a base, `base.name(a)`."""

    base: Node | None
    name: str
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None


class Negation(NamedTuple):
    """`-operand`"""

    operand: Node


class Binary(NamedTuple):
    """An arithmetic operator, a comparison, `and` or `or`."""

    operator: str
    left: Node
    right: Node


class Between(NamedTuple):
    """`value between low and high`"""

    value: Node
    low: Node
    high: Node


class InstanceOf(NamedTuple):
    """`value instance of type`"""

    value: Node
    type: str


class Comparison(NamedTuple):
    """A test such as `< 5`, against the input `?`."""

    operator: str
    operand: Node


class Tests(NamedTuple):
    """Alternatives that a value is tested against; no alternative at all (`-`) accepts everything."""

    tests: tuple[Node, ...]
    negated: bool = False


class In(NamedTuple):
    """`value in tests`"""

    value: Node
    tests: Tests


Node = (
    Literal | Name | Path | Filter | ListOf | ContextOf | RangeOf | If | For | Quantified | FunctionOf | Call
    | Negation | Binary | Between | InstanceOf | Comparison | In | Tests
)  # fmt: skip
