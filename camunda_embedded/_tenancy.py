"""Several tenants in one gateway. Each has an engine of its own, with nothing in common but the log,
the clock and the order of keys: a key says whose it is.

    request ──► its tenant, or that of its key ──► the tenant's service ──► the tenant's engine
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from camunda_core import errors
from camunda_core._arguments import items
from camunda_core.errors import ConfigurationError
from camunda_embedded._callers import TENANTS
from camunda_embedded._delivery import JobStream, Polls
from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.rejections import Line
from camunda_embedded._engine.resources import TENANT
from camunda_embedded._records import Log
from camunda_embedded._service import Service
from camunda_grpc._generated import gateway_pb2 as pb

__all__ = ["LONGEST", "TenantedService", "engines_of", "flaw_of", "tenant_ids"]

#: Characters of the longest id of a tenant.
LONGEST = 31
_ID = re.compile(r"[\w.-]+", re.ASCII)
#: What a request names the thing by that it is about, if it names no tenant.
_KEYS = ("jobKey", "processInstanceKey", "elementInstanceKey", "incidentKey", "resourceKey")


def tenant_ids(given: Any) -> tuple[str, ...]:
    """The tenants of a gateway beside the default one, from its argument; ConfigurationError for what is none."""
    listed = items(given, "tenants", "ids of tenants", lambda each: isinstance(each, str))
    for index, each in enumerate(listed):
        if each == TENANT or (flaw := flaw_of(each)):
            why = "which is there anyway" if each == TENANT else f"but {flaw}"
            raise ConfigurationError(f"tenants[{index}] is {each!r}, {why}")
    return tuple(dict.fromkeys(listed))


def flaw_of(tenant: str) -> str:
    """Why an id cannot be one of a tenant, as the real gateway says it; empty when it can."""
    if not tenant:
        return "no tenant identifier was provided."
    if len(tenant) > LONGEST:
        return f"tenant identifier is longer than {LONGEST} characters"
    if tenant != TENANT and not _ID.fullmatch(tenant):
        return "tenant identifier contains illegal characters"
    return ""


def engines_of(now: Callable[[], int], line: Line, tenants: Sequence[str]) -> list[Engine]:
    """An engine for each tenant, the default tenant's first."""
    if not tenants:
        return [Engine(now, line=line)]
    names, log = (TENANT, *tenants), Log()
    return [Engine(now, line=line, tenants=names, tenant=name, log=log) for name in names]


class TenantedService(Service):
    """All RPCs of a gateway with tenants: each is handed to the service of its tenant.

    Its own engine is the default tenant's, which is asked what is the same for all.
    """

    tenanted = True

    def __init__(self, engines: Sequence[Engine], version: str) -> None:
        super().__init__(engines[0], version, polls=Polls(*engines))
        self._services = {
            engine.kernel.tenant: Service(engine, version, polls=self._polls) for engine in engines
        }

    # --- whose ---

    def _of(self, rpc: str, request: Any) -> Service:
        """The service of the tenant that a request is about."""
        names = request.DESCRIPTOR.fields_by_name
        if "tenantId" in names:
            self._check_tenants(rpc, [request.tenantId])
            return self._services[request.tenantId]
        key = next((getattr(request, name) for name in _KEYS if name in names), 0)
        return self._of_key(key)

    def _of_key(self, key: int) -> Service:
        """The service of whose the key is. Of what is not the caller's, one that does not know it."""
        owner, mine = self.engine.kernel.owner(key), TENANTS.get()
        if mine is None or owner in mine:
            return self._services[owner]
        return next(each for name, each in self._services.items() if name != owner)

    def _check_tenants(self, rpc: str, tenants: Iterable[str]) -> None:
        for tenant in tenants:
            about = f"Expected to handle gRPC request {rpc} with tenant identifier '{tenant}', but"
            if flaw := flaw_of(tenant):
                raise errors.InvalidArgument(f"{about} {flaw}")
            if not self.grants(tenant):
                raise errors.PermissionDenied(f"{about} tenant is not authorized to perform this request")

    def grants(self, tenant: str) -> bool:
        """See ``Service``."""
        mine = TENANTS.get()
        return tenant in self._services and (mine is None or tenant in mine)

    def _check_activation(self, rpc: str, request: Any) -> None:
        if self.engine.kernel.line >= (8, 9) and request.tenantFilter == pb.ASSIGNED:
            del request.tenantIds[:]
            request.tenantIds.extend(filter(self.grants, self._services))
            request.tenantFilter = pb.PROVIDED  # which is done herewith
        elif not request.tenantIds:
            raise errors.InvalidArgument(
                f"Expected to handle gRPC request {rpc} with tenant identifiers '[]', "
                "but no tenant identifiers were provided."
            )
        super()._check_activation(rpc, request)

    def _engines_of(self, tenants: Iterable[str]) -> list[Engine]:
        return [self._services[tenant].engine for tenant in dict.fromkeys(tenants)]

    # --- what servers call ---

    @property
    def port(self) -> int:
        """The port of the gRPC server, which some answers name."""
        return self._port

    @port.setter
    def port(self, port: int) -> None:
        self._port = port
        for service in getattr(self, "_services", {}).values():
            service.port = port

    def handle(self, rpc: str, request: Any) -> Any:
        """See ``Service``."""
        return (
            super().handle(rpc, request) if rpc == "Topology" else self._of(rpc, request).handle(rpc, request)
        )

    async def answer(self, rpc: str, request: Any) -> Any:
        """See ``Service``."""
        if rpc == "Topology":
            return await super().answer(rpc, request)
        return await self._of(rpc, request).answer(rpc, request)

    async def settled(self) -> None:
        """See ``Service``; of every tenant."""
        for service in self._services.values():
            await service.settled()

    async def settled_due(self) -> None:
        """See ``Service``; of every tenant."""
        for service in self._services.values():
            await service.settled_due()

    async def activate_jobs(self, request: Any) -> Any | None:
        """See ``Service``; the tenants of the request take turns in the order that it names them."""
        self._check_activation("ActivateJobs", request)
        self._check_tenants("ActivateJobs", request.tenantIds)
        return await self._polls.activate(request, self._engines_of(request.tenantIds))

    async def activate_unchecked(self, request: Any) -> Any | None:
        """See ``Service``: of tenants that are not the caller's there are no jobs."""
        mine = [tenant for tenant in request.tenantIds if self.grants(tenant)]
        return await self._polls.activate(request, self._engines_of(mine))

    def open_stream(self, request: Any, deliver: Callable[[], None]) -> JobStream:
        """See ``Service``."""
        if not request.tenantIds:  # said before anything else is looked at
            self._check_activation("StreamActivatedJobs", request)
        return super().open_stream(request, deliver)

    def _stream(self, request: Any, deliver: Callable[[], None]) -> JobStream:
        return JobStream(self._engines_of(request.tenantIds), request, deliver)

    async def create_with_result(self, request: Any) -> Any:
        """See ``Service``."""
        rpc, tenant = "CreateProcessInstanceWithResult", request.request.tenantId
        self._check_tenants(rpc, [tenant])
        return await self._services[tenant].create_with_result(request)

    def correlate_message(
        self, name: str, correlation_key: str, variables: str, tenant: str = ""
    ) -> tuple[int, int]:
        """See ``Service``."""
        self._check_tenants("CorrelateMessage", [tenant])
        return self._services[tenant].correlate_message(name, correlation_key, variables)

    @property
    def engines(self) -> Sequence[Engine]:
        """See ``Service``."""
        return [service.engine for service in self._services.values()]

    def engine_of(self, key: int) -> Engine:
        """See ``Service``."""
        return self._of_key(key).engine

    def job_facts(self, key: int) -> dict[str, Any]:
        """See ``Service``."""
        return self._of_key(key).job_facts(key)

    def activate_ad_hoc(
        self, key: int, elements: Sequence[tuple[str, dict[str, Any]]], *, cancel_rest: bool
    ) -> None:
        """See ``Service``."""
        self._of_key(key).activate_ad_hoc(key, elements, cancel_rest=cancel_rest)

    def update_job(
        self, key: int, retries: int | None, timeout: int | None, priority: int | None = None
    ) -> None:
        """See ``Service``."""
        self._of_key(key).update_job(key, retries, timeout, priority)

    async def assign_user_task(self, key: int, assignee: str, action: str, override: bool) -> None:
        """See ``Service``."""
        await self._of_key(key).assign_user_task(key, assignee, action, override)

    async def update_user_task(self, key: int, changes: dict[str, Any], action: str) -> None:
        """See ``Service``."""
        await self._of_key(key).update_user_task(key, changes, action)

    async def complete_user_task(self, key: int, variables: str, action: str) -> None:
        """See ``Service``."""
        await self._of_key(key).complete_user_task(key, variables, action)
