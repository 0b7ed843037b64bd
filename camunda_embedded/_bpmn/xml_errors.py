"""What is said of XML that is not well formed: the words of the real engine's parser for what expat has found."""

from __future__ import annotations

import re
from xml.parsers import expat

__all__ = ["explanation"]

_CODES = expat.errors.codes
_FIXED = {
    _CODES[expat.errors.XML_ERROR_NO_ELEMENTS]: "Premature end of file.",
    _CODES[expat.errors.XML_ERROR_SYNTAX]: "Content is not allowed in prolog.",
    _CODES[
        expat.errors.XML_ERROR_UNCLOSED_TOKEN
    ]: "XML document structures must start and end within the same entity.",
}
_NAME = rb"[^\s<>/=\"']+"
_OPENED = re.compile(rb"<(" + _NAME + rb")")
#: An attribute whose value is not closed yet.
_VALUE = re.compile(rb"(" + _NAME + rb")\s*=\s*(?:\"[^\"]*|'[^']*)\Z")
_ATTRIBUTE = re.compile(rb"\s(" + _NAME + rb")\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_ENTITY = re.compile(rb"&([^;\s&<]{1,100});")


def explanation(error: expat.ExpatError, content: bytes, at: int, element: str, declared: set[str]) -> str:
    """The sentence for an error at a place of the content, in an element (``""``: in none), with the prefixes declared so far."""
    code, rest = error.code, content[at : at + 10_000]
    if code == _CODES[expat.errors.XML_ERROR_UNBOUND_PREFIX]:
        return _unbound(rest, declared)
    if code == _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY] and (entity := _ENTITY.match(rest)):
        return f'The entity "{_text(entity[1])}" was referenced, but not declared.'
    if code == _CODES[expat.errors.XML_ERROR_INVALID_TOKEN] and (found := _less_than(content, at)):
        return found
    if element and (
        code in (_CODES[expat.errors.XML_ERROR_NO_ELEMENTS], _CODES[expat.errors.XML_ERROR_TAG_MISMATCH])
        or (code == _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN] and rest.startswith(b"</"))
    ):
        return f'The element type "{element}" must be terminated by the matching end-tag "</{element}>".'
    return _FIXED.get(code, expat.errors.messages[code])


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _unbound(tag: bytes, declared: set[str]) -> str:
    opened = _OPENED.match(tag)
    name = _text(opened[1]) if opened else ""
    prefix, colon, _ = name.partition(":")
    if colon and prefix not in declared:
        return f'The prefix "{prefix}" for element "{name}" is not bound.'
    for found in _ATTRIBUTE.finditer(tag):
        attribute = _text(found[1])
        prefix, colon, _ = attribute.partition(":")
        if colon and prefix not in declared | {"xml", "xmlns"}:
            where = f'associated with an element type "{name}"'
            return f'The prefix "{prefix}" for attribute "{attribute}" {where} is not bound.'
    return "A prefix is not bound."


def _less_than(content: bytes, at: int) -> str:
    """What to say when the place is a ``<`` inside the value of an attribute; empty when it is not."""
    if content[at : at + 1] != b"<":
        return ""
    tag = content[content.rfind(b"<", 0, at) : at]
    opened, value = _OPENED.match(tag), _VALUE.search(tag)
    if opened is None or value is None:
        return ""
    where = f'"{_text(value[1])}" associated with an element type "{_text(opened[1])}"'
    return f"The value of attribute {where} must not contain the '<' character."
