"""How the site shows docstrings: an extension of griffe, which mkdocstrings reads sources with.

Docstrings give an argument's ``name`` and, apart from it, what it means, with further lines below that. Markdown would run these
lines together; here they become the items of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import griffe

_ITEM = re.compile(r"(?P<names>``[^`]+``(?:, ``[^`]+``)*) {1,}(?P<text>\S.*)")


def as_lists(text: str) -> str:
    """The text with every paragraph of aligned names as a list."""
    return "\n\n".join("\n".join(_paragraph(part.split("\n"))) for part in re.split(r"\n{2,}", text))


def _paragraph(lines: list[str]) -> Iterator[str]:
    items = [_ITEM.fullmatch(line) for line in lines]
    first = items[0]
    # Prose may begin with a name too; in a list the texts of all items stand apart from the names or are followed by others.
    if first is None or (
        "``  " not in lines[0]
        and not any(line.startswith("  ") or item for line, item in zip(lines[1:], items[1:], strict=True))
    ):
        yield from lines
        return
    for line, item in zip(lines, items, strict=True):
        yield f"- {item['names']}: {item['text']}" if item else f"  {line.strip()}"


class Lists(griffe.Extension):
    """Rewrites the docstring of every object that is loaded."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = as_lists(obj.docstring.value)
