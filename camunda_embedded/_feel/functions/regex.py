"""Regular expressions: the engine's flavour (Java's) on the library `regex`.

Translated: named groups, `\\p{..}` classes, `\\Q..\\E`, `\\z`, `\\Z`, `\\h`, `\\R`, `\\X`, unions and subtractions inside
character classes are refused. As in Java, `\\w`, `\\d`, `\\s`, `\\b` and case-insensitive matching know ASCII alone.
A pattern that cannot be used gives null with the failure "Invalid pattern", as it does in the engine.

Matching backtracks, as it does in the engine, so a pattern can be slow on purpose. Python's own `re` cannot be interrupted;
`regex` can, and matching ends with the time that expressions have (see `feel.budget`). Longer patterns and texts than
`camunda_embedded._limits` says are refused.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import regex as re

from camunda_embedded._feel import budget
from camunda_embedded._feel.functions.registry import Failure
from camunda_embedded._limits import MAX_EXPANDED_PATTERN, MAX_MATCHED_TEXT, MAX_PATTERN

_FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.VERBOSE}
_POSIX = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7F",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Space": r" \t\n\x0b\f\r",
    "Blank": r" \t",
    "XDigit": "0-9a-fA-F",
}
_ALIASES = {"IsAlphabetic": "L", "IsLetter": "L", "IsDigit": "Nd", "IsUppercase": "Lu", "IsLowercase": "Ll"}
_SIMPLE = {"z": r"\Z", "Z": r"(?=\n?\Z)", "R": r"(?:\r\n|[\n\x0b\f\r\u0085\u2028\u2029])", "X": r"(?s:.)"}


def find(text: str, pattern: str, flags: str = "") -> Iterator[re.Match[str]]:
    """The matches of the pattern, from left to right.

    Raises:
        Failure: the pattern or the text cannot be used.
        OutOfTime: looking for the next one takes longer than expressions may.
    """
    compiled = compile_pattern(pattern, "".join(sorted(set(flags))))
    if len(text) > MAX_MATCHED_TEXT:
        raise Failure(f"the text is longer than {MAX_MATCHED_TEXT} characters")
    matches = compiled.finditer(text, timeout=budget.left())
    while True:
        try:
            match = next(matches, None)
        except TimeoutError:
            budget.exhaust()
        if match is None:
            return
        yield match


def replace(text: str, pattern: str, replacement: str, flags: str = "") -> str:
    """The text with every match replaced; `$1` and `${name}` stand for groups, `\\$` for the sign itself."""
    parts, at = [], 0
    for match in find(text, pattern, flags):
        parts += [text[at : match.start()], _expand(match, replacement)]
        at = match.end()
    return "".join([*parts, text[at:]])


def _expand(match: re.Match[str], replacement: str) -> str:
    result, at = [], 0
    while at < len(replacement):
        char = replacement[at]
        at += 1
        if char == "\\":
            if at == len(replacement):
                raise Failure("the replacement ends with a backslash")
            result.append(replacement[at])
            at += 1
        elif char == "$":
            group, at = _group(match, replacement, at)
            result.append(group)
        else:
            result.append(char)
    return "".join(result)


def _group(match: re.Match[str], replacement: str, at: int) -> tuple[str, int]:
    named = re.compile(r"\{([A-Za-z][A-Za-z0-9]*)\}").match(replacement, at)
    if named:
        if named[1] not in match.re.groupindex:
            raise Failure(f"No group with name {{{named[1]}}}")
        return match[named[1]] or "", named.end()
    digits = re.compile(r"[0-9]+").match(replacement, at)
    if not digits or int(digits[0][0]) > match.re.groups:
        raise Failure("Illegal group reference")
    number, end = int(digits[0][0]), at + 1
    while end < digits.end() and number * 10 + int(replacement[end]) <= match.re.groups:
        number = number * 10 + int(replacement[end])
        end += 1
    return match[number] or "", end


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, flags: str) -> re.Pattern[str]:
    """The pattern, translated.

    Raises:
        Failure: when it is not a pattern, or one that is refused.
    """
    value = 0
    for flag in flags:
        value |= _FLAGS.get(flag, 0)
    try:
        if len(pattern) > MAX_PATTERN or _expanded(pattern) > MAX_EXPANDED_PATTERN:
            raise ValueError("refused")
        return re.compile(_translate(pattern), value | re.ASCII | re.VERSION0)
    except (re.error, ValueError, RecursionError, OverflowError, MemoryError):
        raise Failure(f"Invalid pattern '{pattern}'") from None


_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]\\])+\]|\{(\d+)(?:,\d*)?\}|.", re.DOTALL)


def _expanded(pattern: str) -> int:
    """How many pieces a pattern has once what it repeats at least so many times is written
    out, as its compiler does.
    """
    sizes, last = [0], 0  # of the groups around, and of what a repetition would repeat
    for piece in _PIECE.finditer(pattern):
        if piece[1]:
            more = last * (int(piece[1]) - 1)
            sizes[-1] += more
            last += more
        elif piece[0] == "(":
            sizes.append(1)
        elif piece[0] == ")" and len(sizes) > 1:
            last = sizes.pop()
            sizes[-1] += last
        else:
            sizes[-1] += 1
            last = 1
    return max(sum(sizes), 0)


def _translate(pattern: str) -> str:
    result, at, inside = [], 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            piece, at = _escape(pattern, at + 1, inside)
            result.append(piece)
            continue
        at += 1
        if inside:
            if char == "[" or pattern.startswith("&&", at - 1):
                raise ValueError("nested character classes are not translated")
            inside = char != "]"
        elif char == "[":
            inside = True
            if pattern.startswith("^", at):
                char, at = "[^", at + 1
        elif char == "{" and not re.compile(r"\d+(,\d*)?\}").match(pattern, at):
            raise ValueError("a brace that repeats nothing")
        elif char == "(" and re.compile(r"\?<[A-Za-z]").match(pattern, at):
            char, at = "(?P<", at + 2
        result.append(char)
    return "".join(result)


def _escape(pattern: str, at: int, inside: bool) -> tuple[str, int]:
    if at >= len(pattern):
        raise ValueError("the pattern ends with a backslash")
    char = pattern[at]
    at += 1
    if char == "Q":
        end = pattern.find("\\E", at)
        end = len(pattern) if end < 0 else end
        return re.escape(pattern[at:end]), min(end + 2, len(pattern))
    if char in "pP":
        named = re.compile(r"\{(\w+)\}|(\w)").match(pattern, at)
        if not named:
            raise ValueError("a property without a name")
        ranges = _property(named[1] or named[2])
        if inside and char == "P":
            raise ValueError("a negated property inside of a class is not translated")
        return (ranges if inside else f"[{'^' if char == 'P' else ''}{ranges}]"), named.end()
    if char == "k":
        named = re.compile(r"<(\w+)>").match(pattern, at)
        if not named:
            raise ValueError("a reference without a name")
        return f"(?P={named[1]})", named.end()
    if char == "h":
        return (r" \t\xA0" if inside else r"[ \t\xA0]"), at
    if not inside and char in _SIMPLE:
        return _SIMPLE[char], at
    return "\\" + char, at


@lru_cache(maxsize=64)
def _property(name: str) -> str:
    if name in _POSIX:
        return _POSIX[name]
    category = _ALIASES.get(name, name.removeprefix("Is"))
    if not re.fullmatch(r"[LMNPSZC][a-z]?", category):
        raise ValueError(f"unknown property {name}")
    pieces, start = [], -1
    # Beyond the third plane there are only unassigned and private characters (C), and a few marks.
    end = sys.maxunicode + 1 if category.startswith("C") else 0x32400
    for code in range(end + 1):
        member = code < end and unicodedata.category(chr(code)).startswith(category)
        if member and start < 0:
            start = code
        elif not member and start >= 0:
            pieces.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = -1
    return "".join(pieces)
