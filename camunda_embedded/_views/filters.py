"""Filters of searches, by the shapes of the contract: what a row must fulfil, with all operators and ``$or``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from camunda_embedded._views.reading import KEY, Reading, Test, Version, equal_to
from camunda_rest.api.shapes import SHAPES
from camunda_rest.conditions import OPERATORS

__all__ = ["Filter", "Row", "Rules", "fields"]

Row = dict[str, Any]

_PLACE = re.compile(r"([^:]+):([^!@]+)(!?)(?:@(\d+)\.(\d+))?")
_CONDITION = re.compile(r"~(\w)(\d)(?:/(\d+)\.(\d+))?(\[\])?")


class Field(NamedTuple):
    """One property that can be filtered by."""

    code: str
    required: bool


@cache
def fields(shape: str, version: Version) -> Mapping[str, Field]:
    """What a version can filter by, of the named shape."""
    found = {}
    for text in SHAPES[shape].split():
        match = _PLACE.fullmatch(text)
        assert match is not None, text
        wire, code, required, major, minor = match.groups()
        if major is None or (int(major), int(minor)) <= version:
            found[wire] = Field(code, bool(required))
    return found


@dataclass(frozen=True)
class Rules:
    """What filters of one kind of row ask that is no property of the row itself.

    ``aliases``    property of the filter → property of the row
    ``together``   properties that are asked together, and who says whether a row fulfils their tests
    ``variables``  property of the filter → the variables that a row has there, as JSON texts by name
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    together: Sequence[tuple[frozenset[str], Callable[[Row, Mapping[str, Test]], bool]]] = ()
    variables: Mapping[str, Callable[[Row], Mapping[str, str]]] = field(default_factory=dict)


class Filter:
    """What rows must fulfil: all of it, and one of the alternatives of ``$or``."""

    def __init__(self, shape: str, given: Any, reading: Reading, place: str = "filter") -> None:
        self._reading = reading
        #: Keys that must be these.
        self.exact: dict[str, int] = {}
        self._tests: dict[str, Test] = {}
        self._variables: list[tuple[str, str, Test]] = []
        self._any: list[Filter] = []
        if given is None:
            return
        if not isinstance(given, dict):
            reading.unparsed.append(place)
            return
        known = fields(shape, reading.version)
        for name, value in given.items():
            if name not in known:
                reading.unparsed.append(f"{place}.{name}")
            elif value is not None:
                self._read(name, known[name].code, value, reading, f"{place}.{name}")
        reading.wrong += [
            f"No {n} provided." for n, f in known.items() if f.required and given.get(n) is None
        ]

    def _read(self, name: str, code: str, given: Any, reading: Reading, place: str) -> None:
        if name == "$or":
            if not isinstance(given, list):
                reading.unparsed.append(place)
                return
            shape = code.strip("*[]")
            if reading.counted(len(given)):
                self._any = [Filter(shape, each, reading, place) for each in given]
        elif code == "v":
            listed_variables = given if isinstance(given, list) else [given]
            for each in listed_variables if reading.counted(len(listed_variables)) else ():
                if not isinstance(each, dict) or not isinstance(each.get("name"), str):
                    reading.unparsed.append(place)
                    continue
                if each.get("value") is None:
                    reading.wrong.append("No value provided.")
                    continue
                test = reading.condition("s", OPERATORS[3], each["value"], f"{place}.value")
                self._variables.append((name, each["name"], test))
        elif match := _CONDITION.fullmatch(code):
            letter, number, major, minor, listed = match.groups()
            plain = major is not None and (int(major), int(minor)) > reading.version
            if plain and isinstance(given, dict):
                reading.unparsed.append(place)
                return
            if listed and isinstance(given, list):
                given = given if reading.counted(len(given)) else []
                tests = [reading.condition(letter, OPERATORS[int(number)], each, place) for each in given]
                self._tests[name] = lambda value: any(test(value) for test in tests)
            else:
                self._tests[name] = reading.condition(letter, OPERATORS[int(number)], given, place)
                self._must_be(name, letter, given.get("$eq") if isinstance(given, dict) else given)
        elif code.endswith("[]"):
            if not isinstance(given, list):
                reading.unparsed.append(place)
                return
            wanted = set(reading.values(code[0], given, place))
            self._tests[name] = lambda value: wanted <= set(value or ())
        else:
            self._tests[name] = equal_to(reading.value(code[0], given, place))
            self._must_be(name, code[0], given)

    def _must_be(self, name: str, letter: str, equal: Any) -> None:
        if letter == "k" and isinstance(equal, str) and KEY.fullmatch(equal):
            self.exact[name] = int(equal)

    def __bool__(self) -> bool:
        """Whether it demands anything."""
        return bool(self._tests or self._variables or self._any)

    def against(self, rules: Rules) -> Callable[[Row], bool]:
        """Whether a row fulfils it, as a function of the row.

        That function raises TooLongError once the time of the reading is over.
        """
        together: list[tuple[Callable[[Row, Mapping[str, Test]], bool], Mapping[str, Test]]] = []
        own = dict(self._tests)
        for names, ask in rules.together:
            tests = {name: own.pop(name) for name in self._tests if name in names}
            if tests:
                together.append((ask, tests))
        plain = [(rules.aliases.get(name, name), test) for name, test in own.items()]
        variables = [(rules.variables[place], name, test) for place, name, test in self._variables]
        alternatives = [each.against(rules) for each in self._any]
        in_time = self._reading.in_time

        def matches(row: Row) -> bool:
            in_time()
            # What the row itself says first: it costs least.
            for name, test in plain:
                if not test(row.get(name)):
                    return False
            for ask, tests in together:
                if not ask(row, tests):
                    return False
            for asked, name, test in variables:
                found = asked(row).get(name)
                if found is None or not test(found):
                    return False
            return not alternatives or any(each(row) for each in alternatives)

        return matches
