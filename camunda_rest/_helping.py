"""What the helpers of both clients decide: which variables are wanted, and what a report says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from camunda_core.credentials import Credentials
from camunda_core.deadline import Duration
from camunda_core.errors import CamundaError, DeadlineExceeded, InvalidRequest, NotFound

if TYPE_CHECKING:
    from camunda_rest._search import Page
    from camunda_rest.api import results

__all__ = ["Wanted", "answered", "shown", "support_text"]

#: Whose versions a report names.
_PACKAGES = ("requests", "urllib3", "aiohttp", "grpcio", "protobuf")


class Wanted:
    """What ``get_variables`` is asked for: the names, those that must be there, and the class of the answer."""

    def __init__(self, into: type[Any] | None, names: Iterable[str] | None) -> None:
        if isinstance(names, str):
            raise InvalidRequest("names must be a list of names, not one text", operation="searchVariables")
        given = None if names is None else list(names)
        if given is not None and not all(isinstance(name, str) for name in given):
            raise InvalidRequest(f"names must be texts, not {given!r}", operation="searchVariables")
        from camunda_rest._into import fields_of

        fields = {} if into is None else fields_of(into)  # type: ignore[arg-type]  # classes are hashable
        self.into = into
        self.names = given if given is not None else list(fields) if into is not None else None
        self.needed = (
            set(given or ()) if given is not None else {name for name, must in fields.items() if must}
        )

    @property
    def filter(self) -> dict[str, Any]:
        """The part of the filter that names them."""
        return {} if self.names is None else {"name": {"$in": self.names}}

    @property
    def all_there(self) -> Callable[[Page[results.Variable]], bool] | None:
        """What a page must fulfil before it is taken; None where nothing must be there."""
        if not self.needed:
            return None
        return lambda page: self.needed <= {each.name for each in page.items}

    def missing(self, error: DeadlineExceeded, wait: Duration) -> NotFound:
        """The error where what must be there did not come."""
        found = {each.name for each in error.last.items}
        return NotFound(
            f"no variable {', '.join(sorted(self.needed - found))} (waited for {wait} s)",
            operation="searchVariables",
        )

    def made(self, variables: Iterable[results.Variable]) -> Any:
        """The answer."""
        from camunda_rest._into import convert

        values = {each.name: each.json() for each in variables}
        return values if self.into is None else convert(values, self.into)


def shown(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings as they may be shown: who is calling is said, and not with what."""
    return MappingProxyType({name: _redacted(value) for name, value in settings.items()})


def _redacted(value: Any) -> Any:
    if isinstance(value, Credentials) and not type(value).__module__.startswith("camunda_core."):
        return type(value).__name__  # who knows what its repr says
    plain = value is None or isinstance(value, (str, int, float, bool, tuple))
    return value if plain else repr(value)


def support_text(config: Mapping[str, Any], answers: Sequence[tuple[str, Any]]) -> str:
    """The report: versions, settings, and what the cluster answered."""
    from camunda_core._versions import versions  # only a report needs it

    rows = versions(_PACKAGES)
    sections = [("Versions", rows), ("Settings", list(config.items())), ("The cluster", list(answers))]
    lines = []
    for title, pairs in sections:
        width = max(len(name) for name, _ in pairs)
        lines += [title, *(f"  {name:<{width}}  {value}" for name, value in pairs), ""]
    return "\n".join(lines)


def answered(what: Any) -> str:
    """One answer of a report in a line."""
    if isinstance(what, CamundaError):
        return f"{type(what).__name__}: {what}"
    if hasattr(what, "gateway_version"):
        return f"{what.gateway_version}, {what.cluster_size} brokers, {what.partitions_count} partitions"
    return "answers" if what is None else repr(what)
