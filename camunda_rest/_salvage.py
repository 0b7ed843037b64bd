"""The jobs of an activation's answer that cannot be read as a whole, one by one. Free of I/O.

Python's reader stops at the nesting that its stack allows, at numbers of more digits than it
converts, at bytes that are no UTF-8, and here at NaN: one such value in one job would cost all jobs
of the answer, which stay locked. So the text is cut into its jobs, without reading what is in them,
and each is read by itself. Only answers that could not be read come here: cutting takes about as
long as reading does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from camunda_core._patterns import pattern

__all__ = ["UnreadText", "jobs_in"]

_TOKEN = pattern(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
#: Characters of a property that may be one of those that are needed to fail a job.
_SHORT = 1000


class UnreadText:
    """A job that cannot be read: ``known`` are those of its properties that are short and can be,
    ``why`` is what is wrong.
    """

    def __init__(self, known: dict[str, Any], why: str) -> None:
        self.known = known
        self.why = why


def jobs_in(body: bytes, decode: Callable[[str], Any]) -> list[Any]:
    """The jobs of ``{"jobs": [...]}``, each decoded, or an ``UnreadText``.

    Raises ValueError where the text is no such object.
    """
    jobs: list[Any] = []
    text = body.decode("utf-8", "surrogateescape")  # bytes that are no UTF-8 are those of one job, too
    if not text.lstrip().startswith("{"):
        raise ValueError("the text is no object")
    for name, value in _members(text):
        if name == '"jobs"' and value.startswith("["):
            jobs = [_job(each, decode) for _, each in _members(value)]
    return jobs


def _job(text: str, decode: Callable[[str], Any]) -> Any:
    try:
        return _decoded(text, decode)
    except RecursionError:
        why = "is nested too deeply"
    except UnicodeEncodeError:
        why = "is not in UTF-8"
    except ValueError as error:
        why = f"is not JSON that can be read ({error})"
    known = {}
    for name, value in _members(text) if text.startswith("{") else ():
        if len(name) + len(value) <= _SHORT:
            try:
                known[json.loads(name)] = _decoded(value, decode)
            except (ValueError, RecursionError):
                continue
    return UnreadText(known, why)


def _decoded(text: str, decode: Callable[[str], Any]) -> Any:
    text.encode()  # raises where bytes were that are no UTF-8
    return decode(text)


def _members(text: str) -> Iterator[tuple[str, str]]:
    """The members of an object or a list as (name, value), both as they are written;
    names in a list are empty.
    """
    depth, name, begin, end = 0, "", -1, 0
    for token in _TOKEN.finditer(text):
        what = token[0]
        if depth == 1 and what in ",}]":
            if begin >= 0:
                yield name, text[begin:end]
            name, begin = "", -1
        elif depth == 1 and what == ":" and begin >= 0:
            name, begin = text[begin:end], -1
        elif depth >= 1 and begin < 0:
            begin = token.start()
        end = token.end()
        depth += (what in "{[") - (what in "}]")
        if depth <= 0:
            break
    if depth != 0 or text[end:].strip():
        raise ValueError("the text ends too early, or goes on too long")
