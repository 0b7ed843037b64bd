"""What only REST has and no table shows: the license, who asks, resources, expressions, cluster variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._documents import dumps
from camunda_embedded._servers.rest.asking import DESCRIBED, Asking, described_route, kept, missing
from camunda_embedded._servers.rest.bodies import checked
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.routes import Answer, Request, Route
from camunda_embedded._service import Service
from camunda_embedded._views.filters import Row
from camunda_embedded._views.store import Store
from camunda_embedded._views.table import Table
from camunda_rest._versions import parse_version

__all__ = ["Extras"]

Version = tuple[int, int]


class Extras:
    """The routes; cluster variables live as long as the gateway."""

    def __init__(self, asking: Asking, store: Store, service: Service, version: Version) -> None:
        self._asking = asking
        self._store = store
        self._service = service
        self._version = version
        self._variables = Table("_id")

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
        return self._asking.written(request.route.id, kept(self._variables, row))

    async def _get_variable(self, request: Request) -> Any:
        return self._asking.written(request.route.id, self._named(request))

    async def _update_variable(self, request: Request) -> Any:
        row, body = self._named(request), checked(request, self._version)
        row["value"], row["metadata"] = dumps(body["value"]), body.get("metadata", row["metadata"])
        return self._asking.written(request.route.id, row)

    async def _delete_variable(self, request: Request) -> None:
        self._variables.remove(self._named(request)["_id"])

    async def _search_variables(self, request: Request) -> Any:
        found = self._asking.found(request, self._variables, self._variables)
        return self._asking.written(request.route.id, found)


def _as_resource(form: Row) -> Row:
    return {**form, "resourceKey": form["formKey"], "resourceId": form["formId"]}
