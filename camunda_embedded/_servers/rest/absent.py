"""The operations of the published REST API that this gateway has not: it says so (501), where
an unknown path is 404.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from camunda_embedded._servers.rest.reading import match_path
from camunda_rest._versions import parse_version
from camunda_rest.api.operations import FACTS

__all__ = ["absent_methods"]

Version = tuple[int, int]

#: What 8.6 has, with the names that its API has: methods and path. Of later lines the contract says it.
_OF_86 = """
    POST /decision-definitions/search
    GET /decision-definitions/{decisionDefinitionKey}/xml
    POST /decision-instances/search
    POST /decision-requirements/search
    POST /documents
    DELETE GET /documents/{documentId}
    POST /documents/{documentId}/links
    POST /incidents/search
    GET /incidents/{incidentKey}
    GET /license
    POST /process-instances/search
    POST /user-tasks/search
    POST /users
    POST /users/search
"""


def _operations(line: Version) -> Iterator[tuple[str, str]]:
    if line < (8, 8):
        for text in _OF_86.strip().splitlines():
            *methods, path = text.split()
            for method in methods:
                yield method, path
        return
    for _, method, path, since, *more in FACTS.values():
        if parse_version(since) <= line and ("root", True) not in more:
            yield method, path


def absent_methods(line: Version, path: str, served: Container[tuple[str, str]] = ()) -> set[str]:
    """The methods with which a path (without its prefix) is an operation that is not ``served``: methods and paths."""
    return {
        method
        for method, template in _operations(line)
        if (method, template) not in served and match_path(template, path) is not None
    }
