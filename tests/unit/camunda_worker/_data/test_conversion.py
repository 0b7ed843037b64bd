# ruff: noqa: UP006, UP007, UP035, UP045 - what is tested is that the older ways to write a type are understood too
from __future__ import annotations

import dataclasses
import enum
import math
import pathlib
import sys
from collections import namedtuple
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Dict,
    Generic,
    List,
    Literal,
    NamedTuple,
    NewType,
    Optional,
    TypedDict,
    TypeVar,
    Union,
)
from uuid import UUID
from zoneinfo import ZoneInfo

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import NotRequired, ReadOnly, Required
from typing_extensions import TypedDict as ExtendedTypedDict

from camunda_core.errors import ConfigurationError
from camunda_worker._data.conversion import Unfitting, Variable, converter
from camunda_worker._data.iso import duration_text, parse_duration
from camunda_worker._data.records import record_names

if TYPE_CHECKING:
    from decimal import Decimal as OnlyForTheTypeChecker

T = TypeVar("T")
OrderId = NewType("OrderId", str)


class Colour(enum.Enum):
    RED = "r"
    GREEN = "g"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Flag(enum.Enum):
    YES = True


@dataclass
class Item:
    price: Decimal
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Order:
    order_id: Annotated[str, Variable("orderId")]
    items: list[Item]
    note: str | None = None
    tags: set[str] = field(default_factory=set)
    total: int = field(init=False, default=0)
    currency: ClassVar[str] = "EUR"


@dataclass
class Tree:
    name: str
    children: list[Tree] = field(default_factory=list)
    parent: Optional[Tree] = None


@dataclass
class Page(Generic[T]):
    rows: list[T]


@dataclass
class Orders(Page[Item]):
    size: int = 0


class Even(NamedTuple):
    left: int
    right: Decimal = Decimal(0)


Bare = namedtuple("Bare", "first second")


class Address(TypedDict):
    street: str
    number: NotRequired[int]


class Loose(TypedDict, total=False):
    street: Required[str]
    since: ReadOnly[date]


class Extended(ExtendedTypedDict):
    street: str
    zip: NotRequired[Annotated[str, Variable("zipCode")]]


class Customer(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)
    name: str
    born: date | None = pydantic.Field(default=None, alias="bornAt")
    address: dict[str, int] = {}


@dataclass
class Positive:
    value: int

    def __post_init__(self) -> None:
        if self.value <= 0:
            raise ValueError("must be above 0")


@dataclass
class Unresolvable:
    amount: OnlyForTheTypeChecker


UTC = timezone.utc
TWO = timezone(timedelta(hours=2))

FITTING: list[tuple[Any, Any, Any]] = [
    (Any, {"a": 1}, {"a": 1}),
    (object, 1, 1),
    (None, None, None),
    (type(None), None, None),
    (bool, True, True),
    (int, 5, 5),
    (int, 5.0, 5),
    (float, 5, 5.0),
    (float, 0.5, 0.5),
    (str, "", ""),
    (list, [1, "a"], [1, "a"]),
    (list[int], [1, 2.0], [1, 2]),
    (List[Decimal], [0.1], [Decimal("0.1")]),
    (Sequence[int], [1], [1]),
    (Iterable[int], [1], [1]),
    (tuple, [1, "a"], (1, "a")),
    (tuple[int, ...], [1, 2, 3], (1, 2, 3)),
    (tuple[int, str], [1, "a"], (1, "a")),
    (tuple[()], [], ()),
    (set[str], ["a", "a"], {"a"}),
    (AbstractSet[str], ["a"], {"a"}),
    (frozenset[int], [1], frozenset({1})),
    (dict, {"a": 1}, {"a": 1}),
    (Dict, {"a": 1}, {"a": 1}),
    (dict[str, Decimal], {"a": 1.10}, {"a": Decimal("1.1")}),
    (Mapping[str, Any], {"a": 1}, {"a": 1}),
    (MutableMapping[int, bool], {"1": True}, {1: True}),
    (dict[Colour, int], {"r": 1}, {Colour.RED: 1}),
    (dict[date, int], {"2024-05-01": 1}, {date(2024, 5, 1): 1}),
    (Optional[int], None, None),
    (int | None, 3, 3),
    (Union[int, str], "5", "5"),
    (int | float, 2.0, 2.0),
    (float | int, 2, 2),
    (float | str, 2, 2.0),
    (Decimal | str, "1.50", Decimal("1.50")),
    (datetime | str, "soon", "soon"),
    (date | datetime, "2024-05-01T10:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    (list[int] | dict[str, int], {"a": 1}, {"a": 1}),
    (Item | Even, {"left": 1}, Even(1)),
    (Literal["a", 1, None], None, None),
    (Literal["a", 1], 1, 1),
    (Literal[True], True, True),
    (Literal[Colour.RED], "r", Colour.RED),
    (Annotated[int, "anything", []], 5, 5),
    (OrderId, "a-1", "a-1"),
    (Colour, "g", Colour.GREEN),
    (Colour, "RED", Colour.RED),
    (Level, 2, Level.HIGH),
    (Level, "LOW", Level.LOW),
    (Flag, True, Flag.YES),
    (Decimal, 19.99, Decimal("19.99")),
    (Decimal, 10**30, Decimal(10**30)),
    (Decimal, "1E+3", Decimal(1000)),
    (UUID, "12345678-1234-5678-1234-567812345678", UUID("12345678123456781234567812345678")),
    (bytes, "AAE=", b"\x00\x01"),
    (pathlib.Path, "/a/b", pathlib.Path("/a/b")),
    (date, "2024-02-29", date(2024, 2, 29)),
    (time, "10:00", time(10)),
    (time, "10:00:00.5+02:00", time(10, 0, 0, 500_000, tzinfo=TWO)),
    (datetime, "2024-05-01T10:00:00", datetime(2024, 5, 1, 10)),
    (datetime, "2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    (datetime, "2024-05-01T10:00:00.123456789Z", datetime(2024, 5, 1, 10, 0, 0, 123456, tzinfo=UTC)),
    (datetime, "2024-05-01T10:00:00.5+0200", datetime(2024, 5, 1, 10, 0, 0, 500_000, tzinfo=TWO)),
    (datetime, "2024-05-01T10:00:00+02:00[Europe/Berlin]", datetime(2024, 5, 1, 10, tzinfo=TWO)),
    (timedelta, 1.5, timedelta(seconds=1.5)),
    (timedelta, "PT1H30M", timedelta(hours=1.5)),
    (timedelta, "-P1DT0.000001S", -timedelta(days=1, microseconds=1)),
    (timedelta, "P2W", timedelta(weeks=2)),
    (Item, {"price": "1.5", "colour": "ignored"}, Item(Decimal("1.5"))),
    (Tree, {"name": "a", "children": [{"name": "b"}]}, Tree("a", [Tree("b")])),
    (Page[Item], {"rows": [{"price": 1}]}, Page([Item(Decimal(1))])),
    (Page, {"rows": [1]}, Page([1])),
    (Orders, {"rows": [{"price": 1}]}, Orders([Item(Decimal(1))])),
    (Even, {"left": 1}, Even(1)),
    (Even, [1, 2.5], Even(1, Decimal("2.5"))),
    (Bare, {"first": 1, "second": "b"}, Bare(1, "b")),
    (Address, {"street": "Elm", "other": 1}, {"street": "Elm"}),
    (Address, {"street": "Elm", "number": 5.0}, {"street": "Elm", "number": 5}),
    (Loose, {"street": "Elm", "since": "2024-05-01"}, {"street": "Elm", "since": date(2024, 5, 1)}),
    (Extended, {"street": "Elm", "zipCode": "1"}, {"street": "Elm", "zip": "1"}),
    (Customer, {"name": "Ada", "bornAt": "1815-12-10"}, Customer(name="Ada", born=date(1815, 12, 10))),
    (list[Customer], [{"name": "Ada"}], [Customer(name="Ada")]),
]


@pytest.mark.parametrize(("hint", "value", "typed"), FITTING)
def test_a_json_value_becomes_what_the_annotation_says(hint: Any, value: Any, typed: Any) -> None:
    converted = converter(hint)(value)
    assert converted == typed
    assert type(converted) is type(typed)


UNFITTING: list[tuple[Any, Any, str]] = [
    (None, 0, "expected null, got 0 (int)"),
    (bool, 1, "expected true or false, got 1 (int)"),
    (int, True, "expected an integer, got True (bool)"),
    (int, 1.5, "expected an integer, got 1.5 (float)"),
    (int, "5", "expected an integer, got '5' (str)"),
    (int, None, "expected an integer, got null"),
    (float, True, "expected a number, got True (bool)"),
    (float, 10**400, "expected a number, got 1000000000"),
    (str, 5, "expected text, got 5 (int)"),
    (list[int], {"a": 1}, "expected a list, got {'a': 1} (dict)"),
    (list[int], [1, "a"], "[1]: expected an integer, got 'a' (str)"),
    (tuple[int, str], [1], "expected a list of 2, got [1] (list)"),
    (tuple[int, str], [1, 2], "[1]: expected text"),
    (set[list[int]], [[1]], "expected a list of different plain values"),
    (dict[str, int], [1], "expected an object, got [1] (list)"),
    (dict[str, int], {"a b": None}, "['a b']: expected an integer, got null"),
    (dict[int, int], {"a": 1}, "a: expected an integer as the key, got 'a' (str)"),
    (int | str, None, "expected int or str, got null"),
    (Optional[Item], {"price": "x"}, "price: expected a decimal number"),
    (Item | Even, {"left": "x"}, "(price: is missing, and has no default; left: expected an integer"),
    (Literal["a", None], "b", "expected one of 'a', null, got 'b' (str)"),
    (Literal[1], True, "expected one of 1, got True"),
    (Literal["a"], ["a"], "expected one of 'a'"),
    (Literal[Colour.RED], "g", "expected one of 'r', got 'g'"),
    (Colour, "b", "expected one of Colour's values ('r', 'g'), got 'b' (str)"),
    (Colour, ["r"], "expected one of Colour's values"),
    (Level, True, "expected one of Level's values (1, 2), got True (bool)"),
    (Flag, 1, "expected one of Flag's values"),
    (Decimal, True, "expected a decimal number"),
    (Decimal, "NaN", "expected a decimal number, as a number or as text, got 'NaN'"),
    (UUID, "x", "expected a UUID, got 'x'"),
    (bytes, "a", "expected bytes as base64 text"),
    (bytes, "ä", "expected bytes as base64 text"),
    (date, "2024-02-30", "expected a date like 2024-05-01, got '2024-02-30'"),
    (date, "2024-05-01T10:00:00", "expected a date"),
    (datetime, "2024-05-01", "expected a date and time"),
    (datetime, 1714557600, "expected a date and time like 2024-05-01T10:00:00Z, got 1714557600 (int)"),
    (datetime, "2024-05-01T10:00:00@Atlantis/North", "expected a date and time"),
    (time, "24:00", "expected a time"),
    (
        timedelta,
        "P1M",
        "expected a duration in weeks, days and shorter (years and months have no fixed length)",
    ),
    (timedelta, "P", "expected seconds, or a duration like PT1H30M, got 'P'"),
    (timedelta, "PT", "expected seconds, or a duration"),
    (timedelta, 1e300, "expected seconds within what a timedelta holds"),
    (timedelta, f"P{10**20}D", "expected a duration of at most"),
    (timedelta, True, "expected a duration"),
    (Item, [1], "expected an object for Item, got [1] (list)"),
    (Item, {}, "price: is missing, and has no default"),
    (Order, {"orderId": "a", "items": [{"price": 1}, {"price": "x"}]}, "items[1].price: expected a decimal"),
    (Order, {"order_id": "a", "items": []}, "orderId: is missing"),
    (
        Tree,
        {"name": "a", "children": [{"name": "b", "children": [{}]}]},
        "children[0].children[0].name: is missing",
    ),
    (Even, [1, 2, 3], "expected an object for Even"),
    (Address, {}, "street: is missing"),
    (Loose, {}, "street: is missing"),
    (Positive, {"value": 0}, "Positive refuses it: must be above 0"),
    (
        Customer,
        {"name": "Ada", "address": {"x": "y"}},
        "address.x: Customer refuses it: Input should be a valid integer",
    ),
    (str, {"text": "x" * 10_000}, "xxx..."),
]


@pytest.mark.parametrize(("hint", "value", "message"), UNFITTING)
def test_a_value_that_does_not_fit_is_named_with_its_path_and_what_was_expected(
    hint: Any, value: Any, message: str
) -> None:
    with pytest.raises(Unfitting) as caught:
        converter(hint)(value)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_time_zone_of_a_moment_without_an_offset_is_looked_up() -> None:
    try:
        berlin = ZoneInfo("Europe/Berlin")
    except KeyError:
        pytest.skip("this machine has no time zone database")
    assert converter(datetime)("2024-05-01T10:00:00@Europe/Berlin") == datetime(2024, 5, 1, 10, tzinfo=berlin)


@pytest.mark.parametrize(
    "hint",
    [complex, list[complex], dict[str, complex], "Item", type, Union[int, range], bytearray, ..., 5],
)
def test_an_annotation_that_is_not_understood_is_refused_when_it_is_compiled(hint: Any) -> None:
    with pytest.raises(ConfigurationError, match="cannot be made from JSON"):
        converter(hint)


def test_the_field_of_an_annotation_that_is_not_understood_is_named() -> None:
    @dataclass
    class Inner:
        number: Annotated[complex, 1]

    with pytest.raises(ConfigurationError, match=r"Inner\.number: complex cannot be made from JSON"):
        converter(Inner)


def test_a_name_that_only_the_type_checker_knows_is_explained() -> None:
    with pytest.raises(
        ConfigurationError, match="'OnlyForTheTypeChecker', which does not exist when the program runs"
    ):
        converter(Unresolvable)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="typing refuses InitVar as text there")
def test_init_only_fields_are_given_and_computed_fields_are_not() -> None:
    @dataclass
    class Weighed:
        grams: InitVar[int]
        kilos: float = field(init=False)

        def __post_init__(self, grams: int) -> None:
            self.kilos = grams / 1000

    assert converter(Weighed)({"grams": 500.0, "kilos": 3}).kilos == 0.5


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement is newer")
def test_type_aliases_may_be_generic_and_contain_themselves() -> None:
    scope: dict[str, Any] = {}
    exec("type Json = dict[str, Json] | list[Json] | int | None\ntype Many[T] = list[T]", scope)
    assert converter(scope["Json"])({"a": [1, {"b": None}]}) == {"a": [1, {"b": None}]}
    with pytest.raises(Unfitting):
        converter(scope["Json"])({"a": ["text"]})
    assert converter(scope["Many"][Decimal])([0.1]) == [Decimal("0.1")]


def test_pydantic_dataclasses_and_the_old_interface_of_models_are_understood() -> None:
    @pydantic.dataclasses.dataclass
    class Point:
        x: int

    class Old:
        """What a model of pydantic 1 looks like from outside."""

        __fields__: ClassVar[dict[str, Any]] = {
            "name": dataclasses.make_dataclass("F", [("alias", str)])("theName")
        }

        @classmethod
        def parse_obj(cls, value: Any) -> Any:
            if "theName" not in value:
                raise ValueError("no name")
            return "parsed"

    assert converter(Point)({"x": 1}) == Point(x=1)
    assert converter(Old)({"theName": 1}) == "parsed"
    with pytest.raises(Unfitting, match="Old refuses it: no name"):
        converter(Old)({})
    assert record_names(Old) == ("theName",)


def test_a_record_knows_the_variables_that_it_wants() -> None:
    class Open(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="allow")
        name: str

    class Choosing(pydantic.BaseModel):
        name: str = pydantic.Field(validation_alias=pydantic.AliasChoices("a", "b"))

    assert record_names(Order) == ("orderId", "items", "note", "tags")
    assert record_names(Page[int]) == ("rows",)
    assert record_names(Even) == ("left", "right")
    assert record_names(Extended) == ("street", "zipCode")
    assert record_names(Customer) == ("name", "bornAt", "born", "address")
    assert record_names(Open) is None
    assert record_names(Choosing) is None
    with pytest.raises(TypeError):
        record_names(int)


def test_a_variable_needs_a_name() -> None:
    with pytest.raises(ConfigurationError, match="Variable takes the name"):
        Variable("")


@given(st.timedeltas())
def test_every_duration_is_read_back_as_it_was_written(length: timedelta) -> None:
    assert parse_duration(duration_text(length)) == length


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_the_number_as_it_stands_in_the_document(number: float) -> None:
    assert converter(Decimal)(number) == Decimal(repr(number))
    assert not math.isnan(converter(Decimal)(number))


@given(st.datetimes(timezones=st.sampled_from([UTC, TWO]) | st.none()), st.dates(), st.times())
def test_moments_are_read_back_from_their_iso_text(moment: datetime, day: date, clock: time) -> None:
    assert converter(datetime)(moment.isoformat()) == moment
    assert converter(date)(day.isoformat()) == day
    assert converter(time)(clock.isoformat()) == clock
