"""Methods beside the operations: what takes more than one of them. The asyncio ones are in ``_aio_helpers``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from camunda_core.deadline import Duration
from camunda_core.errors import CamundaError, DeadlineExceeded
from camunda_rest._helping import Wanted, answered, shown, support_text
from camunda_rest.api.client import RestOperations

if TYPE_CHECKING:
    from camunda_core.retry import RetryPolicy
    from camunda_rest._request import Key
    from camunda_rest._search import Search
    from camunda_rest.api import results

__all__ = ["Helpers"]

T = TypeVar("T")


class Helpers(RestOperations):
    """The helpers, blocking."""

    def _settings(self) -> Mapping[str, Any]:
        """The settings of the client."""
        raise NotImplementedError

    @property
    def config(self) -> Mapping[str, Any]:
        """The settings of this client, to be read; secrets are not in it."""
        return shown(self._settings())

    @overload
    def get_variables(
        self,
        process_instance_key: Key,
        *,
        names: Iterable[str] | None = None,
        scope_key: Key | None = None,
        wait: Duration = 5.0,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> dict[str, Any]: ...
    @overload
    def get_variables(
        self,
        process_instance_key: Key,
        *,
        into: type[T],
        names: Iterable[str] | None = None,
        scope_key: Key | None = None,
        wait: Duration = 5.0,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> T: ...
    def get_variables(
        self,
        process_instance_key: Key,
        *,
        into: type[Any] | None = None,
        names: Iterable[str] | None = None,
        scope_key: Key | None = None,
        wait: Duration = 5.0,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """The variables of a process instance, decoded and never cut off.

        They are those of the instance itself, or of the element instance ``scope_key``. ``into`` is a dataclass or
        TypedDict whose fields name what is wanted; ``names`` names it. What is named must be there (fields with a
        default need not), and is waited for ``wait`` seconds, since searches lag behind. Raises NotFound naming what
        did not come, ValueError naming the field that a value does not fit, InvalidRequest for bad arguments.
        """
        wanted = Wanted(into, names)
        search: Search[results.Variable] = self.search_variables(
            process_instance_key=process_instance_key,
            scope_key=process_instance_key if scope_key is None else scope_key,
            truncate_values=False,
            page_size=1000,
            wait=wait if wanted.needed else None,
            until=wanted.all_there,
            timeout=timeout,
            retry=retry,
            **wanted.filter,
        )
        try:
            return wanted.made(search)
        except DeadlineExceeded as error:
            if error.last is None:
                raise
            raise wanted.missing(error, wait) from None

    def support_report(self) -> str:
        """What to put into a bug report: versions, settings without secrets, and what the cluster answers.

        What fails is a line of it: nothing is raised.
        """
        answers: list[tuple[str, Any]] = []
        asked: list[tuple[str, Callable[[], Any]]] = [
            ("topology", self.topology),  # type: ignore[attr-defined]
            ("status", self.get_status),
            ("license", self.get_license),
        ]
        for name, ask in asked:
            try:
                answers.append((name, answered(ask())))
            except CamundaError as error:
                answers.append((name, answered(error)))
        return support_text(self.config, answers)
