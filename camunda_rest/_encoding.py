"""Request bodies: JSON and multipart, checked before they are sent so that an error can name the place.

Python's ``json`` is more generous than JSON: it writes NaN, turns the key 1 into "1" and numbers of
any length into digits that the server cannot read. Here all of that is refused. None means "not
given" and is left out, because the server takes an explicit null for an absent value in some places
only; inside ``variables``, where null is a value, it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from camunda_core._arguments import shown
from camunda_core._json import write
from camunda_core.errors import InvalidRequest

__all__ = [
    "MAX_DEPTH",
    "JsonText",
    "check_json",
    "free_value",
    "is_plain",
    "json_body",
    "json_text",
    "json_value",
    "multipart_body",
]


class JsonText(bytes):
    """A body that is a JSON object already, in UTF-8: it is sent as it is, and nothing in it is checked."""

    __slots__ = ()


#: Deeper nesting than this is refused. The server's own reader stops at 1000.
MAX_DEPTH = 200

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_HIGHEST_VARIABLE = 2**64 - 1  # the engine keeps unsigned integers too; its own fields are signed
_INFINITY = float("inf")
_FREE = "variables"  # the property under which the content is the user's own and null is a value

_NO_UNICODE = "the text is not valid Unicode (a lone surrogate)"


def json_body(body: Mapping[str, Any] | JsonText | None) -> bytes:
    """The body as UTF-8 JSON; ``{}`` for None, because an operation that has a body is always sent with one.

    ``JsonText`` comes back as it is.

    Raises InvalidRequest naming the place (``variables.items[3]: …``) for what JSON or the
    server cannot carry: NaN and infinity, integers beyond 64 bits, keys that are not text,
    sets, bytes, dates and other objects, broken Unicode, a nesting deeper than ``MAX_DEPTH`` or
    one that contains itself.
    """
    if isinstance(body, JsonText):
        return body
    return b"{}" if body is None else write(_checked(body)).encode()


def check_json(body: Mapping[str, Any] | None) -> None:
    """Raises the InvalidRequest that ``json_body`` would raise, and writes nothing: for a wire that
    has other words for the body, but takes the same values.
    """
    if body is not None:
        _checked(body)


def is_plain(name: str, value: dict[str, Any] | list[Any]) -> bool:
    """Whether the value of a property of a body is written as it is: for True ``check_json`` lets the
    body pass as far as this property goes, and for False it may have something to say.
    """
    return _plain(value, name == _FREE, 2)


def _checked(body: Any) -> dict[str, Any]:
    """The body as ``write`` can write it: itself, nearly always."""
    if not isinstance(body, dict):
        if not isinstance(body, Mapping):
            raise InvalidRequest(f"the body must be a mapping (a JSON object), not {_kind(body)}")
        body = dict(body)
    try:
        # What the quick look finds may be None to leave out, a subclass it does not know, or a mistake.
        made: dict[str, Any] = body if _plain(body, False, 1) else _cleaned(body, "", False, 1)
    except RecursionError:
        raise InvalidRequest(
            f"the body is nested deeper than {MAX_DEPTH} levels, or contains itself"
        ) from None
    return made


def free_value(value: Any, where: str) -> Any:
    """A value that is the caller's own, in which null is a value, as plain JSON.

    Raises InvalidRequest naming the place.
    """
    try:
        return _cleaned(value, where, True, 1)
    except RecursionError:
        raise InvalidRequest(f"{where}: nested deeper than {MAX_DEPTH} levels, or contains itself") from None


def json_value(value: Any) -> str:
    """A checked value as JSON text."""
    return write(value)


def json_text(body: Mapping[str, Any]) -> JsonText:
    """A body whose values have been checked, as UTF-8 JSON.

    Raises InvalidRequest naming the place of a text that UTF-8 cannot carry.
    """
    try:
        return JsonText(write(body).encode())
    except UnicodeEncodeError:
        _cleaned(body, "", True, 1)
        raise InvalidRequest(_NO_UNICODE) from None


def _plain(value: Any, free: bool, depth: int) -> bool:
    """Whether the container can be written as it is. No places, no messages: this runs on every request."""
    if depth > MAX_DEPTH:
        return False
    users_own = None
    if type(value) is dict:
        for key in value:
            if type(key) is not str or not (key.isascii() or _is_unicode(key)):
                return False
        users_own = value.get(_FREE)
        value = value.values()
    for item in value:
        kind = type(item)
        if kind is str:
            if not (item.isascii() or _is_unicode(item)):
                return False
        elif kind is bool or (item is None and free):
            continue
        elif kind is int:
            if not _LOWEST <= item <= (_HIGHEST_VARIABLE if free else _HIGHEST):
                return False
        elif kind is dict or kind is list:
            if item and not _plain(item, free or item is users_own, depth + 1):
                return False
        elif kind is not float or not -_INFINITY < item < _INFINITY:
            return False
    return True


def _cleaned(value: Any, place: str, free: bool, depth: int) -> Any:
    """The value as plain dicts, lists and scalars without what was not given; InvalidRequest names
    the place of a mistake.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if not _is_unicode(value):
            raise InvalidRequest(f"{place}: {_NO_UNICODE}")
        return value
    if isinstance(value, int):
        if not _LOWEST <= value <= (_HIGHEST_VARIABLE if free else _HIGHEST):
            raise InvalidRequest(f"{place}: the number has more than 64 bits; send it as text")
        return int(value)
    if isinstance(value, float):
        if not -_INFINITY < value < _INFINITY:
            raise InvalidRequest(
                f"{place}: {shown(value)} is not a JSON number; send null or a text in its place"
            )
        return float(value)
    if depth > MAX_DEPTH:
        where = place if len(place) <= 60 else f"{place[:60]}…"
        raise InvalidRequest(f"{where}: nested deeper than {MAX_DEPTH} levels, or contains itself")
    if isinstance(value, dict):
        made = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise InvalidRequest(
                    f"{place or 'the body'}: the key {shown(key)} is not text but {_kind(key)}"
                )
            if not _is_unicode(key):
                raise InvalidRequest(f"{place or 'the body'}: key {shown(key)}: {_NO_UNICODE}")
            if item is not None or free:
                made[key] = _cleaned(
                    item, f"{place}.{key}" if place else key, free or key == _FREE, depth + 1
                )
        return made
    if isinstance(value, (list, tuple)):
        if not free and None in value:
            raise InvalidRequest(
                f"{place}[{list(value).index(None)}]: a list must not contain None; leave it out"
            )
        return [_cleaned(item, f"{place}[{i}]", free, depth + 1) for i, item in enumerate(value)]
    raise InvalidRequest(f"{place}: {_kind(value)} is not JSON; {_way_out(value)}")


def _kind(value: Any) -> str:
    return "None" if value is None else type(value).__name__


def _way_out(value: Any) -> str:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "decode it, or encode it as base64 text"
    if isinstance(value, (set, frozenset)):
        return "make a list of it"
    return "use dict, list, str, int, float, bool or None (a date or a Decimal as text)"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def multipart_body(fields: Mapping[str, Any] | None, files: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """``(content type, body)`` of a deployment: one part named ``resources`` per file, one
    text part per given field.

    File names go out as raw UTF-8: the server neither decodes percent escapes nor needs the
    extended form. It keeps one file per name, so a name used twice is refused, and so are an empty
    deployment, contents that are not bytes, and names that are empty or hold control characters.
    Raises InvalidRequest.
    """
    if isinstance(files, (str, bytes, Mapping)) or not isinstance(files, Sequence):
        raise InvalidRequest(f"files must be a list of (name, content) pairs, not {_kind(files)}")
    if not files:
        raise InvalidRequest("files is empty: a deployment needs at least one resource")
    parts: list[bytes] = []
    seen: set[str] = set()
    for i, file in enumerate(files):
        if not isinstance(file, (tuple, list)) or len(file) != 2:
            raise InvalidRequest(f"files[{i}] must be a pair (name, content), not {_kind(file)}")
        name, content = file
        quoted = _quoted(name, f"files[{i}]")
        if name in seen:
            raise InvalidRequest(
                f"files[{i}]: the name {shown(name)} is used twice, "
                "and the server would keep only the last; rename one"
            )
        seen.add(name)
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise InvalidRequest(
                f"files[{i}] ({name}): the content must be bytes, not {_kind(content)}; "
                "open the file in binary mode, or encode the text"
            )
        head = f'Content-Disposition: form-data; name="resources"; filename="{quoted}"'
        parts.append(head.encode() + b"\r\nContent-Type: application/octet-stream\r\n\r\n" + bytes(content))
    for name, value in (fields or {}).items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidRequest(f"{name} must be text in a deployment, not {_kind(value)}")
        head = f'Content-Disposition: form-data; name="{_quoted(name, "the field name")}"'
        parts.append(f"{head}\r\n\r\n{_text(value, name)}".encode())
    boundary = _boundary(parts)
    line = b"--" + boundary
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
    return f"multipart/form-data; boundary={boundary.decode()}", body


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{what}: must be text that is not empty, not {shown(value)}")
    if not _is_unicode(value):
        raise InvalidRequest(f"{what}: {shown(value)} is not valid Unicode (a lone surrogate)")
    return value


def _quoted(name: Any, what: str) -> str:
    text = _text(name, what)
    if any(char < " " or char == "\x7f" for char in text):
        raise InvalidRequest(f"{what}: {shown(name)} contains a line break or another control character")
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _boundary(parts: list[bytes]) -> bytes:
    """A line that occurs in none of the parts: derived from them, so that equal
    deployments are equal bytes.
    """
    import hashlib  # and OpenSSL with it, which only files need

    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    while True:
        boundary = b"camunda-" + digest.hexdigest()[:40].encode()
        if not any(boundary in part for part in parts):
            return boundary
        digest.update(boundary)
