"""From the bytes of a BPMN file to executable processes, or to the reasons why not."""

from __future__ import annotations

from camunda_embedded._bpmn import validate
from camunda_embedded._bpmn.file import File, InvalidResource
from camunda_embedded._bpmn.grammar import BPMN, check
from camunda_embedded._bpmn.model import Process
from camunda_embedded._bpmn.process import ProcessReader
from camunda_embedded._bpmn.xml import XmlError, parse

__all__ = ["read"]


def read(content: bytes) -> list[Process]:
    """The executable processes of a file.

    Raises:
        InvalidResource: it is not XML, not BPMN, or contains something that is wrong or not supported, each by name.
    """
    try:
        root = parse(content)
    except XmlError as error:
        raise InvalidResource(str(error)) from None
    if root.name != "definitions" or root.namespace != BPMN:
        unknown = f"cvc-elt.1.a: Cannot find the declaration of element '{root.name}'."
        raise InvalidResource(f"Error: URI=null Line={root.line}: {unknown}")
    return _processes(File(root))


def _processes(file: File) -> list[Process]:
    file.index()
    check(file.root, file.report)
    executable = [n for n in file.root.all("process") if n.get("isExecutable") == "true"]
    if not executable:
        file.report(file.root, "Must contain at least one executable process")
    file.raise_problems()
    for node in (*file.root.all("message"), *file.root.all("signal")):
        validate.root_element(node, file.report)
    processes = [ProcessReader(file, node).read() for node in executable]
    file.raise_problems()
    return processes
