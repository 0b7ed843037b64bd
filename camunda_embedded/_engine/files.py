"""Files as they are deployed: what is in each, or why it cannot be used. Reading one needs nothing of an engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from camunda_embedded import _dmn as dmn
from camunda_embedded._bpmn.file import InvalidResource
from camunda_embedded._bpmn.loops import endless_loop
from camunda_embedded._bpmn.model import Process
from camunda_embedded._bpmn.parse import read
from camunda_embedded._engine.rejections import Line
from camunda_embedded._engine.resources import Decision, Definition, Form, Requirements, Resource

__all__ = ["File", "Part", "invalid", "read_file", "read_files"]


class Part(NamedTuple):
    """Something to be deployed: what kind of resource, its id and its model."""

    kind: type[Resource]
    id: str
    model: Any


class File(NamedTuple):
    """A file that was read: what is in it, or why it cannot be used, and a loop of one of its processes that never waits."""

    name: str
    content: bytes
    parts: Sequence[Part]
    error: str = ""
    loop: Sequence[str] = ()

    @property
    def processes(self) -> list[Process]:
        """The executable processes in it."""
        return [part.model for part in self.parts if part.kind is Definition]


def read_files(resources: Iterable[tuple[str, bytes]], line: Line = (8, 6)) -> list[File]:
    """``read_file`` for pairs of a name and a content."""
    return [read_file(name, content, line) for name, content in resources]


def read_file(name: str, content: bytes, line: Line = (8, 6)) -> File:
    """What a file of that name contains for an engine of that line; its name's end says what kind it is."""
    reader = next((read_ for end, read_ in _READERS.items() if name.endswith(end)), None)
    if reader is None:
        return File(name, content, (), f"\n\n'{name}': unknown resource type")
    try:
        file = File(name, content, reader(name, content, line))
    except InvalidResource as error:
        return File(name, content, (), invalid(name, error))
    except _InvalidForm as error:
        return File(name, content, (), f"\n{error}")
    return file._replace(loop=next(filter(None, map(endless_loop, file.processes)), ()))


def invalid(name: str, error: InvalidResource) -> str:
    """How the rejection of a deployment says what is wrong with a file."""
    return f"\n'{name}': {error}"


class _InvalidForm(ValueError):
    pass


def _read_form(_: str, content: bytes, line: Line) -> list[Part]:
    try:
        text = content.decode(json.detect_encoding(content)).lstrip()
        form, _end = json.JSONDecoder().raw_decode(text)  # what follows the JSON is not looked at
    except ValueError as error:
        raise InvalidResource(f"Failed to parse the form: {error}") from None
    except RecursionError:
        raise InvalidResource("Failed to parse the form: it is nested too deep") from None
    if not isinstance(form, dict):
        raise InvalidResource("Failed to parse the form: it is no JSON object")
    form_id = form.get("id")
    if isinstance(form_id, (int, float)):
        form_id = json.dumps(form_id)
    if not isinstance(form_id, str):
        raise _InvalidForm("Expected the form id to be present, but none given")
    if not form_id.strip():
        raise _InvalidForm("Expected the form id to be filled, but it is blank")
    tag = form.get("versionTag")
    return [Part(Form, form_id, tag if isinstance(tag, str) else "")]


def _read_dmn(_: str, content: bytes, line: Line) -> list[Part]:
    try:
        graph = dmn.parse(content)
    except dmn.DmnError as error:
        raise InvalidResource(str(error)) from None
    return [Part(Requirements, graph.id, graph), *(Part(Decision, d.id, d) for d in graph.decisions)]


def _read_bpmn(name: str, content: bytes, line: Line) -> list[Part]:
    return [Part(Definition, process.id, process) for process in read(content, name, line)]


_READERS: dict[str, Callable[[str, bytes, Line], list[Part]]] = {
    ".bpmn": _read_bpmn,
    ".xml": _read_bpmn,
    ".dmn": _read_dmn,
    ".form": _read_form,
}
