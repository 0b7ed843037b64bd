"""From the bytes of a BPMN file to executable processes, or to the reasons why not.

First the file has to be XML, then BPMN by its schema: there the first violation ends it, as in the real engine. What is
left is listed at once, whoever finds it: the grammar (what is not supported), the reader and the validation. Processes
that are not executable are drawings, and not looked into.
"""

from __future__ import annotations

import logging

from camunda_embedded._bpmn import validate
from camunda_embedded._bpmn.file import File, InvalidResource
from camunda_embedded._bpmn.grammar import BPMN, Line, check, ignored
from camunda_embedded._bpmn.model import Process
from camunda_embedded._bpmn.process import ProcessReader
from camunda_embedded._bpmn.schema import check_schema
from camunda_embedded._bpmn.xml import XmlError, parse

__all__ = ["read"]

_logger = logging.getLogger(__name__)


def read(content: bytes, name: str = "a BPMN file", line: Line = (8, 6)) -> list[Process]:
    """The executable processes of a file, as an engine of that line reads it; ``name`` is what warnings call it.

    Raises:
        InvalidResource: it is not XML, not BPMN, or contains something that is wrong or not supported, each by name.
    """
    try:
        root = parse(content)
    except XmlError as error:
        raise InvalidResource(str(error)) from None
    if root.name != "definitions" or root.namespace != BPMN:
        unknown = f"cvc-elt.1.a: Cannot find the declaration of element '{root.tag}'."
        raise InvalidResource(f"Error: URI=null Line={root.line}: {unknown}")
    processes = _processes(File(root, check_schema(root), line))
    names = ignored(root)
    if names:
        _logger.warning("%s: ignored, as Camunda 8 ignores it: %s", name, ", ".join(names))
    return processes


def _processes(file: File) -> list[Process]:
    executable = [n for n in file.root.all("process") if n.get("isExecutable") == "true"]
    if not executable:
        file.report(file.root, "Must contain at least one executable process")
    for node in executable:
        file.check_flows_of(node)
    validate.root_elements(file, executable)
    processes = []
    for node in executable:
        check(node, file.report, file.line)
        processes.append(ProcessReader(file, node).read())
    file.raise_problems()
    return processes
