"""The same as ``Performer`` of ``_performing``, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from camunda_core._later import Later
from camunda_core.errors import CamundaError
from camunda_rest._time_limits import DEFAULT, Timeout

if TYPE_CHECKING:
    from camunda_core.deadline import Duration
    from camunda_core.retry import RetryPolicy
    from camunda_rest import _consistency as consistency
    from camunda_rest import _preparing as preparing
    from camunda_rest import _search as search
    from camunda_rest._described import Described
    from camunda_rest._documents import AsyncDownload, Multipart, Progress
    from camunda_rest._request import HttpRequest
    from camunda_rest.operations import Operation, Version
else:
    consistency = Later("camunda_rest._consistency")
    preparing = Later("camunda_rest._preparing")
    search = Later("camunda_rest._search")

__all__ = ["AsyncPerformer"]


class AsyncSender(Protocol):
    """The client over REST, as far as it is needed here."""

    async def send(
        self,
        operation: Operation,
        make: Callable[[str], HttpRequest],
        *,
        timeout: Timeout = DEFAULT,
        retry: RetryPolicy | None = None,
    ) -> Any: ...


class AsyncPerformer:
    """Performs generated operations, awaited. ``_rest_client`` says over what."""

    _consistency_wait: float = 0.0
    _tenant_id: str | None = None

    def _rest_client(self, operation: str) -> AsyncSender:
        """The client over REST. Raises Unimplemented, naming the operation, where there is none."""
        raise NotImplementedError

    async def _rest_version(self) -> Version:
        """The version of the cluster, asked once."""
        raise NotImplementedError

    async def _perform(
        self,
        described: Described,
        keys: Sequence[Any],
        given: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
        filter: Mapping[str, Any] | None = None,
        everything: bool = False,
        wait: Duration | None = None,
        until: Callable[[Any], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        prepared = preparing.prepare(
            described,
            keys,
            given,
            query=query,
            filter=filter,
            everything=everything,
            tenant_id=self._tenant_id,
        )
        if not described.eventual:
            return await self._once(described, prepared, prepared.body, timeout, retry)
        patience = consistency.Patience(described.id, wait, until, self._consistency_wait, timeout)
        return await self._patiently(described, prepared, prepared.body, patience, retry)

    def _search(
        self,
        described: Described,
        keys: Sequence[Any],
        given: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
        filter: Mapping[str, Any] | None = None,
        sort: str | Sequence[str] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Any], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        prepared = preparing.prepare(described, keys, given, query=query, filter=filter, sort=sort)
        consistency.Patience(
            described.id, wait, until
        )  # a bad argument is found now, not when the search is read

        async def ask(page: dict[str, Any], first: bool) -> search.Page[Any]:
            body = {**(prepared.body or {}), "page": page}
            if not first:
                return cast("search.Page[Any]", await self._once(described, prepared, body, timeout, retry))
            patience = consistency.Patience(described.id, wait, until, self._consistency_wait, timeout)
            return cast("search.Page[Any]", await self._patiently(described, prepared, body, patience, retry))

        return search.AsyncSearch(described.id, described.page, ask, limit=limit, page_size=page_size)

    async def _patiently(
        self,
        described: Described,
        prepared: preparing.Prepared,
        body: dict[str, Any] | None,
        patience: consistency.Patience,
        retry: RetryPolicy | None,
    ) -> Any:
        while True:
            try:
                answer = await self._once(described, prepared, body, patience.time_left(), retry)
            except CamundaError as error:
                pause = patience.pause_after_error(error)
                if pause is None:
                    return patience.end(error)
            else:
                pause = patience.pause_after(answer)
                if pause is None:
                    return answer
            await asyncio.sleep(pause)

    async def _once(
        self,
        described: Described,
        prepared: preparing.Prepared,
        body: dict[str, Any] | Multipart | None,
        timeout: Duration | None,
        retry: RetryPolicy | None,
    ) -> Any:
        client = self._rest_client(described.id)
        if prepared.newer:
            preparing.refuse_newer(described, prepared.newer, await self._rest_version())
        try:
            answer = await client.send(
                prepared.operation,
                lambda base: prepared.request(base, body),
                timeout=preparing.limit_of(timeout),
                retry=retry,
            )
        except CamundaError as error:
            if preparing.may_be_absent(error):
                preparing.absent(described, await self._version_if_told(), error)
            preparing.explain(described, error)
            raise
        if preparing.is_older_dialect(described, answer):
            raise preparing.older_dialect(described, await self._version_if_told())
        return preparing.read_answer(described, answer)

    async def _version_if_told(self) -> Version | None:
        try:
            return await self._rest_version()
        except CamundaError:
            return None

    async def _upload(
        self,
        described: Described,
        keys: Sequence[Any],
        given: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
        on_progress: Progress | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        prepared, form = preparing.prepare_form(described, keys, given, query, on_progress)
        return await self._once(described, prepared, form, timeout, retry)

    async def _download(
        self,
        described: Described,
        keys: Sequence[Any],
        given: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> AsyncDownload:
        prepared = preparing.prepare(described, keys, given, query=query)
        found: AsyncDownload = await self._once(described, prepared, None, timeout, retry)
        return found
