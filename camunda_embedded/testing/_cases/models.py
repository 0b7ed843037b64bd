"""What test cases need of the processes that are deployed: names of elements, and their example data."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from camunda_core.errors import InvalidRequest

__all__ = ["Model", "Models"]

_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_PROPERTY = "http://camunda.org/schema/zeebe/1.0 property"
#: Under which modelers write example data into an element.
_EXAMPLE = "camundaModeler:exampleOutputJson"


@dataclass
class Model:
    """Elements of one file: ids by name, and example data (JSON text) by id."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Model:
        """Reads a file that a gateway has taken."""
        found = cls()
        path: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            own = attributes.get("id", "") if tag.startswith(f"{_BPMN} ") else ""
            if own and attributes.get("name"):
                found.ids.setdefault(attributes["name"], []).append(own)
            if tag == _PROPERTY and attributes.get("name") == _EXAMPLE:
                owner = next((each for each in reversed(path) if each), "")
                found.examples[owner] = attributes.get("value", "")
            path.append(own)

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = start
        parser.EndElementHandler = lambda tag: path.pop()
        parser.Parse(text.encode(), True)
        return found


class Models:
    """The newest versions of processes, read when they are first asked for."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._known: dict[str, Model] = {}

    def of(self, process_id: str) -> Model:
        """The model of a process; an empty one when it is not deployed."""
        definitions = self._client.search_process_definitions(process_definition_id=process_id)
        newest = max(definitions, key=lambda each: each.version, default=None)
        if newest is None:
            return Model()
        key = newest.process_definition_key
        if key not in self._known:
            # Not None: a process that can be found has its file.
            self._known[key] = Model.read(self._client.get_process_definition_xml(key) or "<none/>")
        return self._known[key]

    def id_of(self, process_id: str, selector: dict[str, str]) -> str:
        """The id of the element that a selector means.

        Raises:
            InvalidRequest: a ValueError; no element has this name, or several have it.
        """
        given, name = selector.get("elementId"), selector.get("elementName")
        if name is None:
            return given or ""
        ids = self.of(process_id).ids.get(name, [])
        if given is not None:
            ids = [each for each in ids if each == given]
        if len(ids) != 1:
            found = f"{len(ids)} elements ({', '.join(ids)}) have" if ids else "no element has"
            raise InvalidRequest(f"{found} the name {name!r} in process {process_id}; say it with elementId")
        return ids[0]

    def example(self, process_id: str, element_id: str) -> dict[str, Any]:
        """The example data of an element; empty when it has none.

        Raises:
            InvalidRequest: a ValueError; they are no JSON object.
        """
        return _parsed(self.of(process_id), process_id, element_id)

    def examples(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Those of all elements of all processes, by the ids of both."""
        processes = {each.process_definition_id for each in self._client.search_process_definitions()}
        models = {process: self.of(process) for process in sorted(processes)}
        return {(p, e): _parsed(model, p, e) for p, model in models.items() for e in model.examples}


def _parsed(model: Model, process_id: str, element_id: str) -> dict[str, Any]:
    text = model.examples.get(element_id, "")
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidRequest(f"the example data of {element_id} in process {process_id} are no JSON object")
    return found
