"""Which texts of the embedded gateway no recording of a real one has: their words are ours, or come from what is published.

Texts are read from the sources: every sentence that is no docstring, with what is filled in left open.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["ROOMS", "unrecorded"]

ROOT = Path(__file__).parents[3]
RECORDED = ROOT / "tests" / "data" / "recorded"
#: The rooms that refuse models and commands, or say in an incident what went wrong.
ROOMS = ("_bpmn", "_dmn", "_engine")

_HOLE = "…"
_WORDS = 4
_COMMAND = re.compile(r"[A-Z_ ]+")
_LOGGED = {"warning", "info", "debug", "exception", "error"}


@cache
def _recordings() -> str:
    files = sorted(path for path in RECORDED.rglob("*") if path.suffix in (".json", ".txt"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in files if path.name != "feel_corpus.json")
    return text.replace('\\"', '"').replace("\\n", "\n")


def _sentences(tree: ast.AST) -> Iterator[str]:
    """The texts of a module, without docstrings and what is logged."""
    left_out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            left_out.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            left_out |= {id(value) for value in node.values}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _LOGGED:
            left_out |= {id(each) for each in node.args}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.sub(r"\{\w*\}", _HOLE, node.value)
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                str(each.value) if isinstance(each, ast.Constant) else _HOLE for each in node.values
            )


def _is_text(text: str) -> bool:
    return (
        " " in text.strip()
        and len(re.findall(r"[a-z]{2,}", text)) >= _WORDS
        and re.match(rf"[A-Z'{_HOLE}]", text) is not None
        and not _COMMAND.fullmatch(text)
        and "\\w" not in text
    )


def _is_recorded(text: str) -> bool:
    """Whether a recording has all parts of a text, in one line."""
    recordings, parts = _recordings(), [part for part in text.split(_HOLE) if part.strip(" '`")]
    longest = max(parts, key=len)
    pattern = re.compile(".*?".join(re.escape(part) for part in parts))
    at = recordings.find(longest)
    while at >= 0:
        start, end = recordings.rfind("\n", 0, at) + 1, recordings.find("\n", at)
        if pattern.search(recordings[start : end if end >= 0 else None]):
            return True
        at = recordings.find(longest, at + 1)
        if len(parts) == 1:
            return True
    return False


@cache
def unrecorded() -> dict[str, tuple[str, ...]]:
    """Room → the texts in it that no recording has, in the order of the alphabet."""
    found = {}
    for room in ROOMS:
        texts: set[str] = set()
        for module in (ROOT / "camunda_embedded" / room).glob("*.py"):
            tree = ast.parse(module.read_text(encoding="utf-8"))
            texts |= {text.strip() for text in _sentences(tree) if _is_text(text)}
        found[room] = tuple(sorted(text for text in texts if not _is_recorded(text)))
    return found
