"""How the generated methods are performed: what ``_preparing`` has checked and written is sent, blocking.

``AsyncPerformer`` in ``_aio_performing`` differs in waiting only.
"""

from __future__ import annotations

import time
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
    from camunda_rest._documents import Download, Multipart, Progress
    from camunda_rest._request import HttpRequest
    from camunda_rest.operations import Operation, Version
else:
    # With the first call: many programs that import a client make none of these.
    consistency = Later("camunda_rest._consistency")
    preparing = Later("camunda_rest._preparing")
    search = Later("camunda_rest._search")

__all__ = ["Performer"]


class Sender(Protocol):
    """The client over REST, as far as it is needed here."""

    def send(
        self,
        operation: Operation,
        make: Callable[[str], HttpRequest],
        *,
        timeout: Timeout = DEFAULT,
        retry: RetryPolicy | None = None,
    ) -> Any: ...


class Performer:
    """Performs generated operations, blocking. ``_rest_client`` says over what."""

    _consistency_wait: float = 0.0
    _tenant_id: str | None = None

    def _rest_client(self, operation: str) -> Sender:
        """The client over REST. Raises Unimplemented, naming the operation, where there is none."""
        raise NotImplementedError

    def _rest_version(self) -> Version:
        """The version of the cluster, asked once."""
        raise NotImplementedError

    def _perform(
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
            return self._once(described, prepared, prepared.body, timeout, retry)
        patience = consistency.Patience(described.id, wait, until, self._consistency_wait, timeout)
        return self._patiently(described, prepared, prepared.body, patience, retry)

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

        def ask(page: dict[str, Any], first: bool) -> search.Page[Any]:
            body = {**(prepared.body or {}), "page": page}
            if not first:
                return cast("search.Page[Any]", self._once(described, prepared, body, timeout, retry))
            patience = consistency.Patience(described.id, wait, until, self._consistency_wait, timeout)
            return cast("search.Page[Any]", self._patiently(described, prepared, body, patience, retry))

        return search.Search(described.id, described.page, ask, limit=limit, page_size=page_size)

    def _patiently(
        self,
        described: Described,
        prepared: preparing.Prepared,
        body: dict[str, Any] | None,
        patience: consistency.Patience,
        retry: RetryPolicy | None,
    ) -> Any:
        while True:
            try:
                answer = self._once(described, prepared, body, patience.time_left(), retry)
            except CamundaError as error:
                pause = patience.pause_after_error(error)
                if pause is None:
                    return patience.end(error)
            else:
                pause = patience.pause_after(answer)
                if pause is None:
                    return answer
            time.sleep(pause)

    def _once(
        self,
        described: Described,
        prepared: preparing.Prepared,
        body: dict[str, Any] | Multipart | None,
        timeout: Duration | None,
        retry: RetryPolicy | None,
    ) -> Any:
        client = self._rest_client(described.id)
        if prepared.newer:
            preparing.refuse_newer(described, prepared.newer, self._rest_version())
        try:
            answer = client.send(
                prepared.operation,
                lambda base: prepared.request(base, body),
                timeout=preparing.limit_of(timeout),
                retry=retry,
            )
        except CamundaError as error:
            if preparing.may_be_absent(error):
                preparing.absent(described, self._version_if_told(), error)
            preparing.explain(described, error)
            raise
        if preparing.is_older_dialect(described, answer):
            raise preparing.older_dialect(described, self._version_if_told())
        return preparing.read_answer(described, answer)

    def _version_if_told(self) -> Version | None:
        try:
            return self._rest_version()
        except CamundaError:
            return None

    def _upload(
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
        return self._once(described, prepared, form, timeout, retry)

    def _download(
        self,
        described: Described,
        keys: Sequence[Any],
        given: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Download:
        prepared = preparing.prepare(described, keys, given, query=query)
        found: Download = self._once(described, prepared, None, timeout, retry)
        return found
