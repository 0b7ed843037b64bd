from __future__ import annotations

import collections
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from uuid import UUID

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camunda_core.errors import ConfigurationError
from camunda_worker._data.conversion import converter
from camunda_worker._data.encoding import UnfitResult, encode
from camunda_worker._data.records import Variable

if TYPE_CHECKING:
    from fractions import Fraction


class Colour(str, Enum):
    RED = "r"


class Level(IntEnum):
    LOW = 1


class Point(NamedTuple):
    x: int
    y: Annotated[Decimal, Variable("why")]


@dataclass
class Item:
    price: Decimal
    name: str = "thing"


@dataclass(slots=True)
class Order:
    order_id: Annotated[str, Variable("orderId")]
    items: list[Item]
    hidden: int = field(default=3, init=False)


@dataclass
class Vague:
    part: Fraction


@dataclass
class VagueAndRenamed:
    part: Annotated[Fraction, Variable("thePart")]


class Customer(pydantic.BaseModel):
    name: str
    born: date = pydantic.Field(alias="bornOn")


class Money:
    def __init__(self, cents: int) -> None:
        self.cents = cents


def nested(levels: int) -> dict[str, Any]:
    inner: Any = {}
    for _ in range(levels - 1):
        inner = {"a": inner}
    return inner  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (None, ""),
        ({}, "{}"),
        ({"a": [1, 2.5, True, None, "ä", {"b": []}]}, '{"a":[1,2.5,true,null,"ä",{"b":[]}]}'),
        (MappingProxyType({"a": 1}), '{"a":1}'),
        (collections.OrderedDict(a=(1,)), '{"a":[1]}'),
        (Item(Decimal("19.90")), '{"price":19.9,"name":"thing"}'),
        (Order("a", [Item(Decimal(1))]), '{"orderId":"a","items":[{"price":1,"name":"thing"}],"hidden":3}'),
        (Vague(None), '{"part":null}'),  # type: ignore[arg-type]
        (Point(1, Decimal(2)), '{"x":1,"why":2}'),
        (Customer(name="Ada", bornOn=date(1815, 12, 10)), '{"name":"Ada","bornOn":"1815-12-10"}'),
        (
            {"a": Customer(name="Ada", bornOn=date(1815, 12, 10))},
            '{"a":{"name":"Ada","bornOn":"1815-12-10"}}',
        ),
        ({"a": {3, 1, 2}, "b": frozenset({"x"}), "c": (1, "a")}, '{"a":[1,2,3],"b":["x"],"c":[1,"a"]}'),
        ({"a": Colour.RED, "b": Level.LOW, Colour.RED: 1}, '{"a":"r","b":1,"r":1}'),
        ({"a": datetime(2024, 5, 1, 10, tzinfo=timezone.utc)}, '{"a":"2024-05-01T10:00:00+00:00"}'),
        ({"a": date(2024, 5, 1), "b": time(10, 30)}, '{"a":"2024-05-01","b":"10:30:00"}'),
        ({"a": timedelta(hours=1.5), "b": timedelta(0)}, '{"a":"PT1H30M","b":"PT0S"}'),
        ({"a": UUID(int=1)}, '{"a":"00000000-0000-0000-0000-000000000001"}'),
        ({"a": b"\x00\x01", "b": bytearray(b"")}, '{"a":"AAE=","b":""}'),
        ({"a": PurePosixPath("/x/y")}, '{"a":"/x/y"}'),
        ({"a": 2**63 - 1, "b": -(2**63)}, '{"a":9223372036854775807,"b":-9223372036854775808}'),
        ({"a": 2**63, "b": [2**64 - 1]}, '{"a":9223372036854775808,"b":[18446744073709551615]}'),
    ],
)
def test_a_result_becomes_the_text_of_a_json_object(result: Any, text: str) -> None:
    assert encode(result) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.1", "0.1"),
        ("10.00", "10"),
        ("1E+3", "1000"),
        ("-0.05", "-0.05"),
        ("9223372036854775807", "9223372036854775807"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", '"18446744073709551616"'),
        ("0.1234567890123456", "0.1234567890123456"),
        ("0.12345678901234567890", '"0.12345678901234567890"'),
        ("1E+400", '"1E+400"'),
        ("1E-999999", '"1E-999999"'),
    ],
)
def test_a_decimal_is_a_number_where_no_digit_is_lost_and_text_otherwise(number: str, text: str) -> None:
    assert encode({"a": Decimal(number)}) == f'{{"a":{text}}}'


RECURSIVE: dict[str, Any] = {}
RECURSIVE["a"] = [RECURSIVE]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ([1], "the handler returned [1] (list); a handler returns a mapping, a dataclass, a model or None"),
        (5, "the handler returned 5 (int)"),
        ("text", "the handler returned 'text' (str)"),
        (True, "the handler returned True (bool)"),
        (date(2024, 5, 1), "the handler returned datetime.date(2024, 5, 1) (date)"),
        (Item, "(type); a handler returns"),
        (Money(1), "(Money); a handler returns"),
        (pydantic.RootModel[list[int]]([1]), "a handler returns a mapping"),
        ({"a": {"b": [0, Money(1)]}}, "a.b[1]: <"),
        ({"a": [{1: 2}]}, "a[0][1]: the key 1 (int) is no text"),
        ({"a": {None: 2}}, "a[None]: the key None (null) is no text"),
        ({"a": {Level.LOW: 2}}, "the key 1 (int) is no text"),
        ({"a": math.nan}, "a: nan is no JSON number"),
        ({"a": [-math.inf]}, "a[0]: -inf is no JSON number"),
        ({"a": Decimal("sNaN")}, "a: Decimal('sNaN') is no JSON number"),
        ({"a": 2**64}, "a: an integer beyond 64 bits"),
        ({"a": {"b c": -(2**63) - 1}}, "a['b c']: an integer beyond 64 bits"),
        ({"a": ["x", "\ud800"]}, "a[1]: '\\ud800' (str) has half a surrogate pair"),
        ({"a": {"\udfff": 1}}, "a: '\\udfff' (str) has half a surrogate pair"),
        (RECURSIVE, "nested deeper than 200 levels (does it contain itself?)"),
        (nested(201), "nested deeper than 200 levels"),
        ({"a": Item(Money(1))}, "a.price: <"),  # type: ignore[arg-type]
        (
            {"a": (x for x in [1])},
            "has no form in JSON: return plain values, or give the worker an encoder for it",
        ),
        ({"a": 1j}, "a: 1j (complex) has no form in JSON"),
    ],
)
def test_what_cannot_be_sent_is_refused_naming_the_place(result: Any, message: str) -> None:
    with pytest.raises(UnfitResult) as caught:
        encode(result)
    assert message in str(caught.value)


def test_two_hundred_levels_are_not_too_deep() -> None:
    assert encode(nested(200)).count("{") == 200


def test_an_annotation_that_is_not_there_matters_only_where_it_renames() -> None:
    with pytest.raises(ConfigurationError, match="Fraction"):
        encode(VagueAndRenamed(None))  # type: ignore[arg-type]


def test_the_users_encoder_is_asked_first_and_may_leave_a_value_to_us() -> None:
    asked: list[Any] = []

    def hook(value: Any) -> Any:
        asked.append(value)
        if isinstance(value, Money):
            return {"cents": value.cents, "at": date(2024, 5, 1)}
        if isinstance(value, Decimal):
            return float(value)
        if isinstance(value, set):
            return NotImplemented
        raise TypeError(f"cannot encode {value!r}")

    moment = time(10)
    text = encode(
        {"a": Money(5), "b": Decimal("0.12345678901234567890"), "c": {1}, "d": moment, "e": [1, "x"]}, hook
    )
    assert json.loads(text) == {
        "a": {"cents": 5, "at": "2024-05-01"},
        "b": 0.12345678901234568,
        "c": [1],
        "d": "10:00:00",
        "e": [1, "x"],
    }
    assert [type(each) for each in asked] == [Money, date, Decimal, set, time]
    assert encode(Money(5), lambda value: {"cents": value.cents}) == '{"cents":5}'


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        (lambda value: 1 / 0, "a[0]: the encoder failed for <"),
        (lambda value: Money(1), "nested deeper than 200 levels"),
        (lambda value: [value], "nested deeper than 200 levels"),
        (lambda value: value, "has no form in JSON"),
    ],
)
def test_an_encoder_that_fails_is_a_result_that_cannot_be_sent(
    hook: Callable[[Any], Any], message: str
) -> None:
    with pytest.raises(UnfitResult) as caught:
        encode({"a": [Money(1)]}, hook)
    assert message in str(caught.value)


def test_a_repr_that_fails_does_not_hide_what_is_wrong() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    with pytest.raises(UnfitResult, match=r"^a: <?.*Shy.* has no form in JSON"):
        encode({"a": Shy()})


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), plain))
def test_plain_values_are_read_back_as_they_were(result: dict[str, Any]) -> None:
    assert json.loads(encode(result)) == result
    assert encode(MappingProxyType(result)) == encode(result)


odd = st.recursive(
    st.none()
    | st.integers()
    | st.floats()
    | st.text()
    | st.just("\ud800")
    | st.decimals()
    | st.binary()
    | st.timedeltas()
    | st.complex_numbers(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.none(), inner) | st.tuples(inner)
    ),
)


@given(odd | st.dictionaries(st.text(), odd))
def test_whatever_is_returned_is_either_strict_json_of_an_object_or_refused(result: Any) -> None:
    def refuse(constant: str) -> Any:
        raise AssertionError(f"{constant} is no JSON")

    try:
        text = encode(result)
    except UnfitResult as error:
        assert str(error)
    else:
        text.encode()
        assert text == "" or isinstance(json.loads(text, parse_constant=refuse), dict)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_read_back_with_its_value(number: Decimal) -> None:
    assert converter(Decimal)(json.loads(encode({"a": number}))["a"]) == number
