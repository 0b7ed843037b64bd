"""Documents in memory: kept until they are deleted or the gateway ends."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any

from camunda_embedded._limits import KEPT_DOCUMENTS, MIB
from camunda_embedded._servers.rest.asking import DESCRIBED, Asking, described_route, missing
from camunda_embedded._servers.rest.bodies import read_object
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.reading import parse_value
from camunda_embedded._servers.rest.routes import Answer, Part, Request, Route
from camunda_embedded._views.filters import Row
from camunda_embedded._views.table import KEPT_ROWS
from camunda_rest._versions import parse_version

__all__ = ["Documents"]

Version = tuple[int, int]
_STORE = "in-memory"
#: What can stand in a header: a document is sent with the type that it came with.
_MEDIA_TYPE = re.compile(r"[\x20-\x7e]{1,200}")
_PROCESS_ID = re.compile(r"[a-zA-Z_][a-zA-Z0-9_\-.]*")


class Documents:
    """The routes."""

    def __init__(self, asking: Asking, version: Version) -> None:
        self._asking = asking
        self._version = version
        self._documents: dict[str, tuple[bytes, Row]] = {}
        self._size = 0

    def routes(self) -> list[Route]:
        """The operations that the version has."""
        handles: Mapping[str, Any] = {
            "createDocument": self._create_document,
            "createDocuments": self._create_documents,
            "getDocument": self._get_document,
            "deleteDocument": self._delete_document,
        }
        return [
            described_route(name, handle)
            for name, handle in handles.items()
            if parse_version(DESCRIBED[name].since) <= self._version
        ]

    def _keep(self, part: Part, given: Any, document_id: str = "") -> Row:
        metadata = read_object("DocumentMetadata", given, self._version)
        process = metadata.get("processDefinitionId")
        if process is not None and not (isinstance(process, str) and _PROCESS_ID.fullmatch(process)):
            raise Problem(
                400, "INVALID_ARGUMENT", f"The provided processDefinitionId '{process}' is not valid."
            )
        document_id = document_id or str(uuid.uuid4())
        if document_id in self._documents:
            raise Problem(409, "ALREADY_EXISTS", f"There is a document with id '{document_id}' already.")
        own = {
            "contentType": part.content_type or "application/octet-stream",
            "fileName": part.filename or document_id,
            "size": len(part.content),
            **metadata,
        }
        if not _MEDIA_TYPE.fullmatch(own["contentType"]):
            raise Problem(400, "INVALID_ARGUMENT", f"The contentType '{own['contentType']}' is not valid.")
        if self._size + len(part.content) > KEPT_DOCUMENTS or len(self._documents) >= KEPT_ROWS:
            text = f"The embedded gateway keeps documents of {KEPT_DOCUMENTS // MIB} MiB: delete some first"
            raise Problem(503, "RESOURCE_EXHAUSTED", text)
        reference = {
            "camunda.document.type": "camunda",
            "storeId": _STORE,
            "documentId": document_id,
            "contentHash": hashlib.sha256(part.content).hexdigest(),
            "metadata": own,
        }
        self._documents[document_id] = part.content, reference
        self._size += len(part.content)
        return reference

    async def _create_document(self, request: Request) -> Answer:
        files = [part for part in request.parts if part.name == "file"]
        if not files:
            raise Problem(400, "Bad Request", "Required part 'file' is not present.")
        _check_store(request)
        metadata = _json_parts(request, "metadata") or [{}]
        kept = self._keep(files[0], metadata[-1], request.query.get("documentId", ""))
        return Answer(self._asking.written(request.route.id, kept), 201)

    async def _create_documents(self, request: Request) -> Answer:
        files = [part for part in request.parts if part.name == "files"]
        if not files:
            raise Problem(400, "Bad Request", "Required part 'files' is not present.")
        _check_store(request)
        listed = [each for part in _json_parts(request, "metadataList") for each in _listed(part)]
        if listed and len(listed) != len(files):
            raise Problem(400, "INVALID_ARGUMENT", "The metadata must be as many as the files.")
        created = [
            self._keep(part, own) for part, own in zip(files, listed or [{}] * len(files), strict=True)
        ]
        return Answer(self._asking.written(request.route.id, {"createdDocuments": created}), 201)

    def _document(self, request: Request) -> tuple[bytes, Row]:
        document_id = request.path["documentId"]
        _check_store(request)
        if document_id not in self._documents:
            raise missing("document", "id", document_id)
        return self._documents[document_id]

    async def _get_document(self, request: Request) -> Answer:
        content, reference = self._document(request)
        wanted = request.query.get("contentHash")
        if wanted and wanted != reference["contentHash"]:
            raise Problem(400, "INVALID_ARGUMENT", "The contentHash is not that of the document.")
        return Answer(content, media=reference["metadata"]["contentType"])

    async def _delete_document(self, request: Request) -> None:
        content, _ = self._document(request)
        del self._documents[request.path["documentId"]]
        self._size -= len(content)


def _check_store(request: Request) -> None:
    store = request.query.get("storeId", _STORE)
    if store != _STORE:
        raise Problem(400, "INVALID_ARGUMENT", f"There is no document store '{store}', only '{_STORE}'.")


def _listed(value: Any) -> list[Row]:
    return value if isinstance(value, list) else [value]


def _json_parts(request: Request, name: str) -> list[Any]:
    found = []
    for part in request.parts:
        if part.name == name:
            try:
                found.append(parse_value(part.content))
            except ValueError:
                raise Problem(400, "Bad Request", f"Request property [{name}] cannot be parsed") from None
    return found
