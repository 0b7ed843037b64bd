"""Documents that nobody should send: refused in a sentence, or kept and sent back as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from camunda_embedded import EmbeddedGateway
from camunda_embedded._servers.rest import documents


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    with EmbeddedGateway(dialect="8.9") as gateway:
        yield f"{gateway.rest_address}/v2/documents"


def send(place: str, metadata: bytes = b"{}", content: bytes = b"x", **query: str) -> Any:
    parts: Any = {
        "file": ("a", content, "text/plain"),
        "metadata": ("", metadata, "application/json"),
    }
    return requests.post(place, files=parts, params=query, timeout=30)


@pytest.mark.parametrize(
    "metadata",
    [
        b"[" * 200_000,
        b"{",
        b"9" * 5_000,
        b"[]",
        b"NaN",
        b'{"contentType":1}',
        b'{"contentType":"a\\r\\nX-Injected: y"}',
        b'{"contentType":"a/b\\u0000"}',
        b'{"contentType":"\\ud800"}',
        b'{"processDefinitionId":"no id"}',
        b'{"nobodyKnows":1}',
    ],
)
def test_metadata_that_cannot_be_are_refused(place: str, metadata: bytes) -> None:
    assert send(place, metadata).status_code == 400


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "a/b", "%00", "\N{GRINNING FACE}"])
def test_a_name_is_a_name_and_no_place(place: str, name: str) -> None:
    created = send(place, documentId=name)
    assert created.status_code == 201
    assert created.json()["documentId"] == name
    there = f"{place}/{requests.utils.quote(name, safe='')}"
    if name != "..":  # which clients take out of an address
        assert requests.get(there, timeout=10).content == b"x"
        assert requests.delete(there, timeout=10).status_code == 204
        assert requests.get(there, timeout=10).status_code == 404


def test_an_id_is_given_once_and_a_store_that_is_not_there_refused(place: str) -> None:
    assert send(place, documentId="once").status_code == 201
    assert send(place, documentId="once").status_code == 409
    assert send(place, storeId="elsewhere").status_code == 400


def test_what_is_kept_has_a_bound(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = send(place, content=b"y" * 100, documentId="first")
    assert kept.status_code == 201
    monkeypatch.setattr(documents, "KEPT_DOCUMENTS", 150)
    refused = send(place, content=b"z" * 100)
    assert (refused.status_code, "delete some first" in refused.json()["detail"]) == (503, True)
    assert requests.delete(f"{place}/first", timeout=10).status_code == 204
    assert send(place, content=b"z" * 100).status_code == 201
