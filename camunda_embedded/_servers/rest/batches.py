"""Operations on many instances: carried out at once, one after the other, and reported as batch operations are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from camunda_core.errors import CamundaError
from camunda_embedded._engine.modification import Activation
from camunda_embedded._servers.rest.asking import DESCRIBED, described_route, missing, select
from camunda_embedded._servers.rest.bodies import checked
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.routes import Request, Route
from camunda_embedded._servers.rest.shapes import write
from camunda_embedded._service import Service
from camunda_embedded._views.filters import Row
from camunda_embedded._views.reading import Reading
from camunda_embedded._views.store import Store
from camunda_rest._versions import parse_version

__all__ = ["Batches"]

Version = tuple[int, int]
#: What is to be done with one instance: what it is done to, and how.
Steps = Iterator[tuple[int, Callable[[], object]]]


class Batches:
    """The routes of batch operations."""

    def __init__(self, store: Store, service: Service, version: Version) -> None:
        self._store = store
        self._service = service
        self._version = version

    def routes(self) -> list[Route]:
        """The operations that the version has."""
        handles: dict[str, Any] = dict.fromkeys(_KINDS, self._all)
        handles["resolveProcessInstanceIncidents"] = self._one
        handles["deleteProcessInstance"] = self._delete_instance
        handles["deleteDecisionInstance"] = self._delete_evaluation
        handles |= dict.fromkeys(
            ("cancelBatchOperation", "suspendBatchOperation", "resumeBatchOperation"), self._over
        )
        return [
            described_route(name, handle)
            for name, handle in handles.items()
            if parse_version(DESCRIBED[name].since) <= self._version
        ]

    async def _all(self, request: Request) -> Any:
        body = checked(request, self._version)
        store, reading = self._store.feed(), Reading(self._version)
        kind, steps = _KINDS[request.route.id]
        shape = DESCRIBED[request.route.id].filter
        table = store["evaluations" if kind == "DELETE_DECISION_INSTANCE" else "instances"]
        rows = select(table, list(table), body["filter"], shape, reading)
        # What is over can be deleted; everything else is done to what is not.
        concerned = [row for row in rows if (row["state"] == "ACTIVE") != kind.startswith("DELETE_")]
        return await self._carry_out(request, kind, [(row, steps(self, row, body)) for row in concerned])

    async def _one(self, request: Request) -> Any:
        key = request.path["processInstanceKey"]
        row = self._store.feed()["instances"].get(key)
        if row is None:
            raise missing("process instance", "key", key)
        return await self._carry_out(request, "RESOLVE_INCIDENT", [(row, self._resolve(row, {}))])

    async def _carry_out(self, request: Request, kind: str, work: list[tuple[Row, Steps]]) -> Any:
        kernel = self._service.engine.kernel
        key, began = str(kernel.next_key()), kernel.now()
        failures: list[str] = []
        count = 0
        for row, steps in work:
            for item, step in list(steps):
                count += 1
                failure = None
                try:
                    step()
                except CamundaError as error:
                    failure = error.message
                    failures.append(failure)
                await self._service.settled()
                await asyncio.sleep(0)  # others are answered in between
                self._store["items"].add(
                    {
                        "_id": f"{key}-{count}",
                        "batchOperationKey": key,
                        "operationType": kind,
                        "itemKey": str(item),
                        "processInstanceKey": row["processInstanceKey"],
                        "rootProcessInstanceKey": row["rootProcessInstanceKey"],
                        "state": "FAILED" if failure else "COMPLETED",
                        "processedDate": kernel.now(),
                        "errorMessage": failure,
                    },
                    ended=True,
                )
        self._store["batches"].add(
            {
                "batchOperationKey": key,
                "batchOperationType": kind,
                "operationType": kind,
                "state": "COMPLETED",
                "startDate": began,
                "endDate": kernel.now(),
                "operationsTotalCount": count,
                "operationsFailedCount": len(failures),
                "operationsCompletedCount": count - len(failures),
                "errors": [],
                "actorType": "ANONYMOUS",  # nobody is asked who they are
            },
            ended=True,
        )
        return write(request.route.id, {"batchOperationKey": key, "batchOperationType": kind}, self._version)

    async def _over(self, request: Request) -> None:
        key = request.path["batchOperationKey"]
        if self._store.feed()["batches"].get(key) is None:
            raise missing("batch operation", "key", key)
        raise Problem(409, "INVALID_STATE", f"The batch operation with key '{key}' is completed.")

    async def _delete_instance(self, request: Request) -> None:
        checked(request, self._version)
        key = request.path["processInstanceKey"]
        row = self._store.feed()["instances"].get(key)
        if row is None:
            raise missing("process instance", "key", key)
        if row["state"] == "ACTIVE":
            raise Problem(409, "INVALID_STATE", f"The process instance with key '{key}' is not over yet.")
        self._store.forget(key)

    async def _delete_evaluation(self, request: Request) -> None:
        checked(request, self._version)
        key = request.path["decisionEvaluationKey"]
        table = self._store.feed()["evaluations"]
        own = table.of("decisionEvaluationKey", key)
        if not own:
            raise missing("decision instance", "key", key)
        table.remove(*(row[table.key] for row in own))

    # --- what is done with one instance ---

    def _own(self, table: str, row: Row) -> list[Row]:
        return self._store[table].of("processInstanceKey", row["processInstanceKey"])

    def _forget(self, row: Row, _: Row) -> Steps:
        key = row["processInstanceKey"]
        yield key, lambda: self._store.forget(key)

    def _forget_evaluation(self, row: Row, _: Row) -> Steps:
        table = self._store["evaluations"]
        yield row["decisionEvaluationKey"], lambda: table.remove(row[table.key])

    def _cancel(self, row: Row, _: Row) -> Steps:
        if row["parentProcessInstanceKey"] is None:  # what was called ends with what called it
            key = row["processInstanceKey"]
            yield key, lambda: self._service.engine_of(key).lifecycle.cancel(key)

    def _resolve(self, row: Row, _: Row) -> Steps:
        engine = self._service.engine_of(row["processInstanceKey"])
        for incident in self._own("incidents", row):
            if incident["state"] == "ACTIVE":

                def step(key: int = incident["incidentKey"], job: int | None = incident["jobKey"]) -> None:
                    found = engine.jobs.all.get(job) if job is not None else None
                    if found is not None and found.retries < 1:
                        engine.answers.update_retries(found.key, 1)
                    engine.resolution.resolve(key)

                yield incident["incidentKey"], step

    def _migrate(self, row: Row, body: Row) -> Steps:
        plan, key = body["migrationPlan"], row["processInstanceKey"]
        try:
            target = int(plan["targetProcessDefinitionKey"])
            mappings = [
                (each["sourceElementId"], each["targetElementId"]) for each in plan["mappingInstructions"]
            ]
        except (KeyError, TypeError, ValueError):
            raise Problem(400, "Bad Request", "Request property [migrationPlan] cannot be parsed") from None
        yield key, lambda: self._service.engine_of(key).migration.migrate(key, target, mappings)

    def _modify(self, row: Row, body: Row) -> Steps:
        key = row["processInstanceKey"]
        try:
            # Each move once: said again it would double what there is, and again what that has made.
            moves = dict.fromkeys(
                (move["sourceElementId"], move["targetElementId"]) for move in body["moveInstructions"]
            )
        except (KeyError, TypeError):
            raise Problem(
                400, "Bad Request", "Request property [moveInstructions] cannot be parsed"
            ) from None
        activations, terminations = [], []
        for element in self._own("elements", row):
            if element["state"] == "ACTIVE":
                targets = [target for source, target in moves if source == element["elementId"]]
                activations += [Activation(target, -1, []) for target in targets]
                terminations += [element["elementInstanceKey"]] if targets else []
        if activations:
            yield (
                key,
                lambda: self._service.engine_of(key).modification.modify(key, activations, terminations),
            )


_KINDS: dict[str, tuple[str, Callable[[Batches, Row, Row], Steps]]] = {
    "cancelProcessInstancesBatchOperation": ("CANCEL_PROCESS_INSTANCE", Batches._cancel),
    "deleteProcessInstancesBatchOperation": ("DELETE_PROCESS_INSTANCE", Batches._forget),
    "deleteDecisionInstancesBatchOperation": ("DELETE_DECISION_INSTANCE", Batches._forget_evaluation),
    "resolveIncidentsBatchOperation": ("RESOLVE_INCIDENT", Batches._resolve),
    "migrateProcessInstancesBatchOperation": ("MIGRATE_PROCESS_INSTANCE", Batches._migrate),
    "modifyProcessInstancesBatchOperation": ("MODIFY_PROCESS_INSTANCE", Batches._modify),
}
