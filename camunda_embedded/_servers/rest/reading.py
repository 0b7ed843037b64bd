"""What a REST request says: keys of the path, JSON, the parts of a multipart body, and the media
types that are wanted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from aiohttp import content_disposition_filename, parse_content_disposition

from camunda_core._json import DECODER
from camunda_embedded._servers.rest.problems import Problem

__all__ = [
    "accepts",
    "match_path",
    "media_type",
    "owners",
    "parse_json",
    "parse_key",
    "parse_parts",
    "parse_value",
]

_DECIMAL = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
#: Characters; a key of 64 bits has 22 in base eight, zeros before it aside.
_LONGEST_KEY = 100
_OTHER_BASE = re.compile(r"([+-]?)(?:0[xX]|#)([0-9a-fA-F]+)|([+-]?)0([0-7]+)")


def parse_key(name: str, text: str) -> int:
    """A key of the path: decimal, hexadecimal or octal, as Java decodes numbers; Problem when
    it is none of 64 bits.
    """
    value: int | None = None
    if len(text) > _LONGEST_KEY:
        pass  # Python converts no number of thousands of digits, and no key has them
    elif _DECIMAL.fullmatch(text):
        value = int(text)
    elif match := _OTHER_BASE.fullmatch(text):
        sign, hexadecimal, octal_sign, octal = match.groups()
        value = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
        value = -value if "-" in (sign, octal_sign) else value
    if value is None or not -(2**63) <= value < 2**63:
        raise Problem(400, "Bad Request", f"Failed to convert '{name}' with value: '{text}'")
    return value


def match_path(template: str, path: str) -> dict[str, str] | None:
    """The parts of a path that stand for the names in braces of a template; None when it is another path."""
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    found = {}
    for name, part in zip(wanted, given, strict=True):
        if name.startswith("{"):
            found[name[1:-1]] = unquote(part)
        elif name != part:
            return None
    return None if "" in found.values() else found


def parse_value(data: bytes) -> Any:
    """Any JSON value; what follows it is ignored. ValueError when it is none."""
    text = data.decode(json.detect_encoding(data)).lstrip(" \t\r\n")
    try:
        value, _ = DECODER.raw_decode(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return value


def parse_json(data: bytes) -> dict[str, Any] | None:
    """The object of a body, None for ``null``; what follows it is ignored.

    ValueError when it is something else.
    """
    value = parse_value(data)
    if value is not None and not isinstance(value, dict):
        raise ValueError("no object")
    return value


def owners(body: Any, place: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects in which what is at a place such as "instructions[].elementId" stands or could
    stand, and its name there.
    """
    name, _, rest = place.partition(".")
    if isinstance(body, dict):
        if not rest:
            yield body, name
            return
        inner = body.get(name.removesuffix("[]"))
        for item in inner if isinstance(inner, list) else [inner]:
            yield from owners(item, rest)


def parse_parts(data: bytes, content_type: str) -> Iterator[tuple[str, str | None, str, bytes]]:
    """The parts of a multipart body: name, file name (None without one), content type, content.

    ValueError when the body is cut off.
    """
    boundary = re.search(r'boundary=(?:"([^"]+)"|([^;\s]+))', content_type)
    if boundary is None:
        raise ValueError("no boundary")
    delimiter = b"\r\n--" + (boundary[1] or boundary[2]).encode()
    sections = (b"\r\n" + data).split(delimiter)[1:]
    for section in sections:
        if section.startswith(b"--"):
            return
        head, found, content = section.partition(b"\r\n\r\n")
        text = head.decode("utf-8", "replace")
        name, filename = _disposition(text)
        if found and name is not None:
            kind = re.search(r"^content-type:(.*)$", text, re.IGNORECASE | re.MULTILINE)
            yield name, filename, kind[1].strip() if kind else "", content
    if sections:
        raise ValueError("the last boundary is missing")


def _disposition(head: str) -> tuple[str | None, str | None]:
    for line in head.split("\r\n"):
        header, _, value = line.partition(":")
        if header.strip().lower() == "content-disposition":
            parameters = parse_content_disposition(value.strip())[1]
            return parameters.get("name"), content_disposition_filename(parameters)
    return None, None


def media_type(header: str) -> str:
    """A media type without its parameters."""
    return header.partition(";")[0].strip().lower()


def accepts(header: str, offered: Iterable[str]) -> bool:
    """Whether one of the offered media types is among those that an Accept header takes; without
    one, any is.
    """
    wanted = {media_type(each) for each in (header or "*/*").split(",")}
    return any({"*/*", each, each.partition("/")[0] + "/*"} & wanted for each in offered)
