"""REST v2 of Camunda 8: the operations that have a gRPC twin, a blocking and an asyncio client.

    from camunda_rest import RestClient, operations

    with RestClient("http://localhost:8080") as client:
        client.call(operations.COMPLETE_JOB, {"jobKey": 2251799813685249}, {"variables": {"paid": True}})

Nothing but ``requests`` is needed; ``AsyncRestClient`` needs aiohttp as well, ``pip install
'camunda-bridge[aio]'``. Clients are imported when first used, so that the facts can be had
without either library; without aiohttp ``AsyncRestClient`` can be imported all the same, and
making one is an ImportError.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from camunda_core.errors import MissingExtra
from camunda_rest import operations
from camunda_rest._time_limits import DEFAULT
from camunda_rest.operations import Operation

if TYPE_CHECKING:
    from camunda_rest._aio_client import AsyncRestClient
    from camunda_rest._client import RestClient

__all__ = ["DEFAULT", "AsyncRestClient", "Operation", "RestClient", "operations"]

_LATER = {"RestClient": "camunda_rest._client", "AsyncRestClient": "camunda_rest._aio_client"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(_LATER[name]), name)
    except MissingExtra as error:
        return _unusable(name, error)
    globals()[name] = value
    return value


def _unusable(name: str, error: MissingExtra) -> type:
    """A class that can be imported and named in annotations, and says what is missing where it is used."""

    def refuse(*arguments: Any, **keywords: Any) -> Any:
        raise MissingExtra(*error.args, name=error.name) from error

    return type(name, (), {"__new__": refuse, "__module__": __name__, "__doc__": str(error)})
