"""Bodies of operations that only REST has, read by the shapes of the contract."""

from __future__ import annotations

from typing import Any

from camunda_embedded._servers.rest.asking import DESCRIBED, refuse
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.routes import Request
from camunda_embedded._views.filters import fields
from camunda_embedded._views.reading import Reading

__all__ = ["checked", "read_object"]

Version = tuple[int, int]


def checked(request: Request, version: Version) -> dict[str, Any]:
    """The body of a request, when it has what its operation needs and nothing that the operation has not.

    Raises:
        Problem: it has not; named are the properties.
    """
    return read_object(DESCRIBED[request.route.id].body.lstrip("*"), request.body, version)


def read_object(shape: str, given: Any, version: Version) -> dict[str, Any]:
    """The same for an object of a shape of the contract."""
    if not isinstance(given, dict):
        raise Problem(400, "Bad Request", "Failed to read request")
    reading = Reading(version)
    known = fields(shape, version)
    for name, value in given.items():
        code = known[name].code if name in known else ""
        if not code or (code == "o" and value is not None and not isinstance(value, dict)):
            reading.unparsed.append(name)
        elif value is None or code in "oa" or code.startswith("*") or code.endswith("{}"):
            continue
        elif code.endswith("[]"):
            for each in value if isinstance(value, list) else [None]:
                reading.value(code[0], each, name)
        else:
            reading.value(code[0], value, name)
    missing = (name for name, field in known.items() if field.required and given.get(name) in (None, ""))
    reading.wrong += [f"No {name} provided." for name in missing]
    reading.version = max(
        version, (8, 9)
    )  # bodies of commands have always been refused with all that is wrong
    refuse(reading)
    return {name: value for name, value in given.items() if value is not None}
