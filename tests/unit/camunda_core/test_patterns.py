"""Patterns that are compiled with their first use, and are those of ``re`` from then on."""

from __future__ import annotations

import re

import pytest

from camunda_core._patterns import pattern


def test_a_pattern_does_what_that_of_re_does() -> None:
    made = pattern(r"(\w+)=(\d+)", re.IGNORECASE)
    assert made.fullmatch("a=1") is not None
    assert made.fullmatch("a=b") is None
    assert made.sub("x", "a=1, b=2") == "x, x"
    assert (made.pattern, made.groups) == (r"(\w+)=(\d+)", 2)
    assert made.flags & re.IGNORECASE


def test_a_pattern_of_bytes_reads_bytes() -> None:
    assert pattern(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_nothing_is_compiled_before_the_first_use_and_then_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    real = re.compile

    def noted(text: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(text)
        return real(text, flags)

    monkeypatch.setattr(re, "compile", noted)
    made = pattern("a+")
    assert compiled == []
    assert [made.fullmatch(text) is not None for text in ("a", "aa", "b")] == [True, True, False]
    assert compiled == ["a+"]


def test_what_is_no_pattern_is_said_with_the_first_use() -> None:
    made = pattern("(")
    with pytest.raises(re.error):
        made.match("")


def test_it_shows_what_it_stands_for() -> None:
    assert repr(pattern("a+", re.DOTALL)) == f"pattern{('a+', re.DOTALL)!r}"
