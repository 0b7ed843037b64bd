"""Every property of every answer, by the facts, against the OpenAPI files that Camunda publishes: none too few, none too many.

What the embedded gateway answers is written by these facts.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from camunda_embedded._servers.rest.shapes import properties
from camunda_rest.api.answers import ANSWERS
from tests.contract import openapi, published

#: Version and operation → properties that came between that candidate and its release, or that no file lists.
NEWER = {
    ("8.9.0-rc1", "searchProcessDefinitions"): {"items[].state"},
    ("8.9.0-rc1", "getProcessDefinition"): {"state"},
}
#: Maps by ids of the user: the file has their values without a name.
MAPS = {"getUsageMetrics"}


def written(code: str, version: tuple[int, int], place: str = "") -> Iterator[str]:
    """The places of all properties of an answer that hold a value."""
    part = code.partition("[]")[0]
    place += "[]" if code.endswith("[]") else ""
    if not part.startswith("*"):
        if place:
            yield place
        return
    for each in properties(part[1:], version):
        yield from written(each.code, version, f"{place}.{each.name}" if place else each.name)


@pytest.mark.parametrize("version", published.OPENAPIS)
def test_answers_have_the_properties_that_are_published(version: str) -> None:
    compared = 0
    for name, operation in openapi.spec(version).operations.items():
        answer = next((each for each in operation.answers.values() if each), None)
        if answer is None or name in MAPS or name not in ANSWERS:
            continue
        ours = set(written(ANSWERS[name], published.OPENAPIS[version]))
        assert ours == set(openapi.properties(answer)) | NEWER.get((version, name), set()), name
        compared += 1
    assert compared > 80
