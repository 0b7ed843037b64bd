"""Values that are wrong nearly everywhere, and what may come of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from camunda_core.errors import ConfigurationError, InvalidRequest

#: How a bad argument may be refused.
REFUSALS = (InvalidRequest, ConfigurationError, TypeError)


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def _nested(levels: int, around: Callable[[Any], Any]) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = around(value)
    return value


def _endless() -> Any:
    value: dict[str, Any] = {}
    value["a"] = [value]
    return value


NUMBERS = [
    *(True, False, 0, -1, 7, 2**31, 2**63, 2**64, 10**400, 10**5000, -(10**5000)),
    *(1.5, math.nan, math.inf, -math.inf, 1e308, -1e308, 1e-300, 3e6, 1e9, 1 + 2j, Decimal("NaN")),
    *(timedelta.max, timedelta.min, timedelta(0), timedelta(days=-1)),
]
TEXTS = [
    *(
        "",
        " ",
        "\ud800",
        "a\0b",
        "a\nb",
        "ü",
        "x" * 100_000,
        "٣",
        "1_0",
        " 1",
        "+1",
        "rest",
        "http://x",
        "localhost:1",
    ),
    *(
        "http://[::1",
        "http://a..b:1",
        f"http://{'a' * 70}.com",
        "http://h\udc80:1",
        "http://ℂ:1",
        "http://h/ü",
        "h:99999999",
    ),
    *(
        "dns:///",
        "unix:",
        "ipv4:999.1.1.1:1",
        "http://-:1",
        "http://*:1",
        "http://h/\x7f",
        "grpc://[fe80::1%eth0]:1",
        "http://ß.de",
    ),
]
CONTAINERS = [
    *(
        [],
        (),
        {},
        [None],
        ["\ud800"],
        [1],
        [b"x"],
        [Unprintable()],
        ["a", object()],
        [{}],
        [["a"]],
        {1, 2},
        frozenset(),
        range(3),
    ),
    *(
        {"a": 1},
        {1: 2},
        {None: 1},
        {"\ud800": 1},
        {"a": "\ud800"},
        {"a": object()},
        {"a": Unprintable()},
        {"a": {1}},
    ),
    *({"a": math.nan}, {"a": 10**5000}, {"a": b"x"}, ("a", b"b"), ("a", "b"), ("a",)),
    *(
        _nested(5000, lambda v: [v]),
        _nested(5000, lambda v: {"a": v}),
        {"a": _nested(5000, lambda v: [v])},
        _endless(),
    ),
]
OTHERS = [
    None,
    b"x",
    bytearray(b"y"),
    memoryview(b"z"),
    object(),
    Unprintable(),
    len,
    int,
    date(2031, 1, 1),
    NotImplemented,
    ...,
    slice(1),
]
VALUES: list[Any] = [*NUMBERS, *TEXTS, *CONTAINERS, *OTHERS]

_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.timedeltas()
)
values: st.SearchStrategy[Any] = st.integers(0, len(VALUES) - 1).map(
    lambda index: VALUES[index]
) | st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.frozensets(st.integers())
    ),
    max_leaves=5,
)


def described(value: Any) -> str:
    """For the report of a failed test."""
    try:
        return repr(value)[:80]
    except Exception:
        return f"a {type(value).__name__}"


def each_bad(names: list[str]) -> Iterator[tuple[str, Any]]:
    """Every name with every value."""
    for name in names:
        for value in VALUES:
            yield name, value
