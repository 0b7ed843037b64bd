"""The values of a search's filter: read by the shapes of the contract, and made into tests of what a row has."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from camunda_embedded._limits import MAX_CONDITIONS, MAX_LIKE, MAX_LIKE_TEXT, MAX_VALUES

__all__ = ["KEY", "Reading", "Test", "TooLongError", "Version", "equal_to", "milliseconds"]

Version = tuple[int, int]
#: Whether a value is what was asked for.
Test = Callable[[Any], bool]
#: A key as text.
KEY = re.compile(r"-?\d{1,19}")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda value, wanted: bool(value > wanted),
    "$gte": lambda value, wanted: bool(value >= wanted),
    "$lt": lambda value, wanted: bool(value < wanted),
    "$lte": lambda value, wanted: bool(value <= wanted),
}


class TooLongError(Exception):
    """A search takes more time than it may."""


class Reading:
    """Reads the values of one request; what is wrong with it is collected.

    ``unparsed``  properties that cannot be read, by their places
    ``wrong``     sentences about values
    """

    def __init__(self, version: Version) -> None:
        self.version = version
        self.unparsed: list[str] = []
        self.wrong: list[str] = []
        self._conditions = 0
        self._until = math.inf

    def begin(self, seconds: float) -> None:
        """Says that rows are looked at from now on, and how long that may take; what others compute meanwhile does not count."""
        self._until = time.thread_time() + seconds

    def in_time(self) -> None:
        """Raises TooLongError when the time is over: nobody else is answered meanwhile."""
        if time.thread_time() > self._until:
            raise TooLongError

    def counted(self, more: int) -> bool:
        """Whether so many more alternatives or variables are not too many."""
        self._conditions += more
        if self._conditions > MAX_CONDITIONS:
            self.wrong.append(
                f"The filter must not have more than {MAX_CONDITIONS} alternatives and variables."
            )
        return self._conditions <= MAX_CONDITIONS

    def values(self, letter: str, given: Sequence[Any], place: str) -> list[Any]:
        """The values of a list; none when there are too many."""
        if len(given) > MAX_VALUES:
            self.wrong.append(f"The list of {place} must not have more than {MAX_VALUES} values.")
            return []
        return [self.value(letter, each, place) for each in given]

    def value(self, letter: str, given: Any, place: str) -> Any:
        """A value of the kind of a letter as rows have it: keys as numbers, times as milliseconds. None when it is none."""
        name = place.rpartition(".")[2]
        kinds = {"s": str, "K": str, "k": str, "t": str, "b": bool, "i": int, "f": (int, float), "o": dict}
        kind: Any = kinds.get(letter, object)
        if not isinstance(given, kind) or (isinstance(given, bool) and letter in "if"):
            self.unparsed.append(place)
            return None
        if letter == "k":
            if not KEY.fullmatch(given):
                self.wrong.append(
                    f"The provided {name} '{given}' is not a valid key. Expected a numeric value. "
                    "Did you pass an entity id instead of an entity key?"
                )
                return None
            return int(given)
        if letter == "t":
            found = milliseconds(given)
            if found is None:
                self.wrong.append(
                    f"The provided {name} '{given}' cannot be parsed as a date according to RFC 3339, section 5.6"
                )
            return found
        return given

    def condition(self, letter: str, operators: Sequence[str], given: Any, place: str) -> Test:
        """A test from a value, or from an object of operators."""
        if not isinstance(given, dict):
            return equal_to(self.value(letter, given, place))
        tests: list[Test] = []
        for operator, operand in given.items():
            if operator not in operators:
                self.unparsed.append(f"{place}.{operator}")
            elif operator == "$exists":
                tests.append(_exists(self.value("b", operand, f"{place}.{operator}")))
            elif operator in ("$in", "$notIn"):
                if not isinstance(operand, list):
                    self.unparsed.append(f"{place}.{operator}")
                    continue
                if not operand:
                    continue  # clients send the operators that they do not use as empty lists
                wanted = self.values(letter, operand, place)
                tests.append(_one_of(wanted) if operator == "$in" else _none_of(wanted))
            elif operator == "$like":
                tests.append(self._like(self.value("s", operand, place) or "", place))
            else:
                wanted_value = self.value(letter, operand, place)
                if operator in _ORDER:
                    tests.append(_ordered(_ORDER[operator], wanted_value))
                else:
                    tests.append(equal_to(wanted_value) if operator == "$eq" else _none_of([wanted_value]))
        return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)

    def _like(self, pattern: str, place: str) -> Test:
        if len(pattern) > MAX_LIKE:
            self.wrong.append(f"The pattern of {place} must not be longer than {MAX_LIKE} characters.")
            return lambda _: False
        fits = _like(pattern)

        def test(value: Any) -> bool:
            self.in_time()  # one text can take as long as thousands of rows
            return fits(value)

        return test


def milliseconds(text: str) -> int | None:
    """A time of RFC 3339 in milliseconds since the epoch; None when it is none."""
    try:
        whole = re.sub(r"\.(\d+)", lambda part: f".{part[1]:0<6.6}", text)  # of which Python 3.10 takes six
        moment = datetime.fromisoformat(whole.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(milliseconds=1) if moment.tzinfo is not None else None


# A list of values fulfils what one of them fulfils. What is not there is different from everything.
def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else (value,)


def _same(value: Any, wanted: Any) -> bool:
    return value is not None and (
        value == wanted if type(value) is not int or not isinstance(wanted, str) else str(value) == wanted
    )


def equal_to(wanted: Any) -> Test:
    return lambda value: any(_same(each, wanted) for each in _each(value))


def _one_of(wanted: Sequence[Any]) -> Test:
    try:
        known = frozenset(wanted)
    except TypeError:  # objects, which are few
        return lambda value: any(_same(each, one) for each in _each(value) for one in wanted)

    def test(value: Any) -> bool:
        return any(
            each is not None and (each in known or (type(each) is int and str(each) in known))
            for each in _each(value)
        )

    return test


def _none_of(wanted: Sequence[Any]) -> Test:
    one_of = _one_of(wanted)
    return lambda value: not one_of(value)


def _exists(wanted: Any) -> Test:
    return lambda value: (value not in (None, [], "")) == wanted


def _ordered(compare: Callable[[Any, Any], bool], wanted: Any) -> Test:
    return lambda value: (
        wanted is not None and any(each is not None and compare(each, wanted) for each in _each(value))
    )


def _like(pattern: str) -> Test:
    """``*`` stands for any text, ``?`` for one character, and a backslash takes that meaning from them."""
    # Piece by piece, each at its first place: one expression with many ".*" would try all their
    # combinations, for minutes.
    pieces: list[list[str]] = [[]]
    for part in re.findall(r"\\.|.", pattern, re.DOTALL):
        if part == "*":
            pieces.append([])
        else:
            pieces[-1].append("." if part == "?" else re.escape(part[-1]))
    first, *rest = (re.compile("".join(piece), re.DOTALL) for piece in pieces)
    lengths = [len(piece) for piece in pieces]

    def fits(text: str) -> bool:
        if not rest:
            return first.fullmatch(text) is not None
        end = len(text) - lengths[-1]  # where the last piece has to begin
        if end < lengths[0] or not first.match(text) or not rest[-1].match(text, end):
            return False
        place = lengths[0]
        for piece in rest[:-1]:
            found = piece.search(text, place, end)
            if found is None:
                return False
            place = found.end()
        return True

    return lambda value: any(each is not None and fits(str(each)[:MAX_LIKE_TEXT]) for each in _each(value))
