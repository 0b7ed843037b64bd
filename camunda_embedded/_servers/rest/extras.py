"""What only REST has and no table shows: the license, who asks, resources, expressions, cluster variables, documents."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._documents import dumps
from camunda_embedded._servers.rest.asking import DESCRIBED, Asking, described_route, missing
from camunda_embedded._servers.rest.bodies import checked, read_object
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.routes import Answer, Part, Request, Route
from camunda_embedded._service import Service
from camunda_embedded._views.filters import Row
from camunda_embedded._views.store import Store, Table
from camunda_rest._versions import parse_version

__all__ = ["Extras"]

Version = tuple[int, int]
_STORE = "in-memory"
_PROCESS_ID = re.compile(r"[a-zA-Z_][a-zA-Z0-9_\-.]*")


class Extras:
    """The routes; documents and cluster variables live as long as the gateway."""

    def __init__(self, asking: Asking, store: Store, service: Service, version: Version) -> None:
        self._asking = asking
        self._store = store
        self._service = service
        self._version = version
        self._variables = Table("_id", ends=False)
        self._documents: dict[str, tuple[bytes, Row]] = {}

    def routes(self) -> list[Route]:
        """The operations that the version has."""
        handles: Mapping[str, Any] = {
            "getLicense": self._license,
            "getAuthentication": self._me,
            "getResource": self._resource,
            "getResourceContent": self._resource_content,
            "getResourceContentBinary": self._resource_content_binary,
            "getFormByKey": self._form_by_key,
            "getSystemConfiguration": self._configuration,
            "searchProcessDefinitionVariableNames": self._variable_names,
            "searchResources": self._search_resources,
            "evaluateExpression": self._evaluate,
            "createGlobalClusterVariable": self._create_variable,
            "createTenantClusterVariable": self._create_variable,
            "getGlobalClusterVariable": self._get_variable,
            "getTenantClusterVariable": self._get_variable,
            "updateGlobalClusterVariable": self._update_variable,
            "updateTenantClusterVariable": self._update_variable,
            "deleteGlobalClusterVariable": self._delete_variable,
            "deleteTenantClusterVariable": self._delete_variable,
            "searchClusterVariables": self._search_variables,
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

    async def _license(self, request: Request) -> Any:
        return self._asking.written(request.route.id, {"licenseType": "unknown"})

    async def _configuration(self, request: Request) -> Any:
        # Nothing of it is a limit here: jobs are counted when they are asked for.
        most = 2**31 - 1
        names = ("maxWorkerNameLength", "maxJobTypeLength", "maxTenantIdLength", "maxUniqueKeys")
        metrics = {"enabled": True, "exportInterval": "PT0S", **dict.fromkeys(names, most)}
        return self._asking.written(request.route.id, {"jobMetrics": metrics})

    async def _me(self, request: Request) -> Any:
        facts = {"username": "demo", "displayName": "Demo", "authorizedComponents": ["*"], "canLogout": False}
        return {
            "salesPlanType": "",
            **self._asking.written(request.route.id, facts),
        }  # which 8.8 demands too

    # --- resources: what is deployed and no process or decision, which is forms here ---

    async def _resource(self, request: Request) -> Any:
        return self._asking.written(request.route.id, _as_resource(self._form(request)))

    async def _resource_content(self, request: Request) -> Answer:
        return Answer(self._form(request)["_content"])

    async def _resource_content_binary(self, request: Request) -> Answer:
        return Answer(self._form(request)["_content"], media="application/octet-stream")

    async def _form_by_key(self, request: Request) -> Any:
        return self._asking.written(
            request.route.id, self._asking.row("forms", request.path["formKey"], "form")
        )

    async def _variable_names(self, request: Request) -> Any:
        key = request.path["processDefinitionKey"]
        self._asking.row("definitions", key, "process definition")
        own = (
            row["name"]
            for row in self._store["variables"]
            if self._store.instance(row["processInstanceKey"]).get("processDefinitionKey") == key
        )
        rows = [{"name": name} for name in dict.fromkeys(own)]
        return self._asking.written(request.route.id, self._asking.found(request, Table("name"), rows))

    async def _search_resources(self, request: Request) -> Any:
        rows = [_as_resource(row) for row in self._store.feed()["forms"]]
        return self._asking.written(request.route.id, self._asking.found(request, Table("resourceKey"), rows))

    def _form(self, request: Request) -> Row:
        key = request.path["resourceKey"]
        return self._asking.row("forms", int(key) if key.isdecimal() else key, "resource")

    # --- expressions ---

    async def _evaluate(self, request: Request) -> Any:
        body = checked(request, self._version)
        text = body["expression"]
        if body.get("scopeKey"):
            raise Problem(501, "Not Implemented", "scopeKey is not supported by the embedded gateway")
        context = {
            name: json.loads(row["value"]) for name, row in self._visible(body.get("tenantId")).items()
        }
        context |= body.get("variables", {})
        try:
            compiled = feel.compile(text.removeprefix("="))
            value, warnings = compiled.evaluate_with_failures(context, now=self._service.engine.variables.now)
            result = feel.to_json(value)
        except feel.FeelError as error:
            raise Problem(
                400, "INVALID_ARGUMENT", f"Failed to evaluate expression '{text}': {error}"
            ) from None
        facts = {"expression": text, "result": result, "warnings": [{"message": each} for each in warnings]}
        return self._asking.written(request.route.id, facts)

    # --- cluster variables ---

    def _visible(self, tenant: str | None) -> dict[str, Row]:
        rows = sorted(self._variables, key=lambda row: row["scope"])  # a tenant's own hide global ones
        return {row["name"]: row for row in rows if row["tenantId"] in (None, tenant or "<default>")}

    def _named(self, request: Request) -> Row:
        tenant, name = request.path.get("tenantId"), request.path["name"]
        found = self._variables.get(json.dumps([tenant, name]))
        if found is None:
            raise missing("cluster variable", "name", name)
        return found

    async def _create_variable(self, request: Request) -> Any:
        body, tenant = checked(request, self._version), request.path.get("tenantId")
        id_ = json.dumps([tenant, body["name"]])
        if self._variables.get(id_) is not None:
            raise Problem(
                409, "ALREADY_EXISTS", f"There is a cluster variable with name '{body['name']}' already."
            )
        row = {
            "_id": id_,
            "name": body["name"],
            "scope": "TENANT" if tenant else "GLOBAL",
            "tenantId": tenant,
            "value": dumps(body["value"]),
            "isTruncated": False,
            "kind": body.get("kind", "JSON"),
            "metadata": body.get("metadata", {}),
        }
        return self._asking.written(request.route.id, self._variables.add(row))

    async def _get_variable(self, request: Request) -> Any:
        return self._asking.written(request.route.id, self._named(request))

    async def _update_variable(self, request: Request) -> Any:
        row, body = self._named(request), checked(request, self._version)
        row["value"], row["metadata"] = dumps(body["value"]), body.get("metadata", row["metadata"])
        return self._asking.written(request.route.id, row)

    async def _delete_variable(self, request: Request) -> None:
        del self._variables.rows[self._named(request)["_id"]]

    async def _search_variables(self, request: Request) -> Any:
        found = self._asking.found(request, self._variables, self._variables)
        return self._asking.written(request.route.id, found)

    # --- documents ---

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
        reference = {
            "camunda.document.type": "camunda",
            "storeId": _STORE,
            "documentId": document_id,
            "contentHash": hashlib.sha256(part.content).hexdigest(),
            "metadata": own,
        }
        self._documents[document_id] = part.content, reference
        return reference

    async def _create_document(self, request: Request) -> Answer:
        files = [part for part in request.parts if part.name == "file"]
        if not files:
            raise Problem(400, "Bad Request", "Required part 'file' is not present.")
        metadata = _json_parts(request, "metadata") or [{}]
        kept = self._keep(files[0], metadata[-1], request.query.get("documentId", ""))
        return Answer(self._asking.written(request.route.id, kept), 201)

    async def _create_documents(self, request: Request) -> Answer:
        files = [part for part in request.parts if part.name == "files"]
        if not files:
            raise Problem(400, "Bad Request", "Required part 'files' is not present.")
        listed = [each for part in _json_parts(request, "metadataList") for each in _listed(part)]
        if listed and len(listed) != len(files):
            raise Problem(400, "INVALID_ARGUMENT", "The metadata must be as many as the files.")
        created = [
            self._keep(part, own) for part, own in zip(files, listed or [{}] * len(files), strict=True)
        ]
        return Answer(self._asking.written(request.route.id, {"createdDocuments": created}), 201)

    def _document(self, request: Request) -> tuple[bytes, Row]:
        document_id = request.path["documentId"]
        store = request.query.get("storeId", _STORE)
        if store != _STORE:
            raise Problem(400, "INVALID_ARGUMENT", f"There is no document store '{store}', only '{_STORE}'.")
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
        self._document(request)
        del self._documents[request.path["documentId"]]


def _as_resource(form: Row) -> Row:
    return {**form, "resourceKey": form["formKey"], "resourceId": form["formId"]}


def _listed(value: Any) -> list[Row]:
    return value if isinstance(value, list) else [value]


def _json_parts(request: Request, name: str) -> list[Any]:
    found = []
    for part in request.parts:
        if part.name == name:
            try:
                found.append(json.loads(part.content))
            except ValueError:
                raise Problem(400, "Bad Request", f"Request property [{name}] cannot be parsed") from None
    return found
