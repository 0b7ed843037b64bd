"""The kinds of arguments: lengths of time, keys, JSON. Each is a function of the text, as ``type=`` takes it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

__all__ = ["Variables", "duration", "json_object", "key", "pair", "variables_of"]

_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
Variables = dict[str, Any]


def duration(text: str | float) -> float:
    """``30``, ``30s``, ``500ms`` or ``1h30m`` in seconds."""
    if isinstance(text, (int, float)):
        return float(text)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise click.BadParameter(f"{text!r} is no length of time: say 30, 30s, 500ms, 5m, 1h30m or 2d")
    if len(parts) > 1 and any(unit == "" for _, unit in parts):
        raise click.BadParameter(f"{text!r} has a part without a unit: say 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def key(text: str) -> str:
    """A key: a whole number."""
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise click.BadParameter(f"{text!r} is no key: keys are whole numbers, like 2251799813685249")
    return text


def json_object(text: str | Variables) -> Variables:
    """``{"a": 1}``, ``@file.json``, or ``-`` for standard input."""
    if isinstance(text, dict):
        return text
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise click.BadParameter(f"{text.lstrip('@')} cannot be read: {reason}") from None
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        raise click.BadParameter(f"{_short(text)} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise click.BadParameter(f'{_short(text)} is no object: say {{"name": 1}}')
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def pair(text: str, option: str, between: str = "=") -> tuple[str, str]:
    """``a=b`` as (a, b). Raises a usage error that names the option."""
    one, found, other = text.partition(between)
    if not found or not one or not other:
        raise click.BadParameter(f"{text!r} must be ONE{between}OTHER", param_hint=option)
    return one, other


def variables_of(whole: Variables | None, single: Sequence[str]) -> Variables | None:
    """``--variables`` and each ``--var name=value``, whose value is JSON, or else text; None where none was given."""
    if whole is None and not single:
        return None
    found = dict(whole or {})
    for each in single:
        name, given, value = each.partition("=")
        if not given or not name:
            raise click.BadParameter(f"{each!r} must be NAME=VALUE", param_hint="--var")
        try:
            found[name] = json.loads(value, parse_constant=_no_constant)
        except ValueError:
            found[name] = value
    return found
