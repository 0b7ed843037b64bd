"""REST v2 of Camunda 8: the operations that have a gRPC twin, a blocking and an asyncio client.

    from camunda_rest import RestClient, operations

    with RestClient("http://localhost:8080") as client:
        client.call(operations.COMPLETE_JOB, {"jobKey": 2251799813685249}, {"variables": {"paid": True}})

Nothing but ``requests`` is needed; ``AsyncRestClient`` needs aiohttp as well, ``pip install
'camunda-bridge[aio]'``. Clients are imported when first used, so that the facts can be had without either
library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from camunda_rest import operations
from camunda_rest.call import DEFAULT
from camunda_rest.operations import Operation

if TYPE_CHECKING:
    from camunda_rest.aio import AsyncRestClient
    from camunda_rest.client import RestClient

__all__ = ["DEFAULT", "AsyncRestClient", "Operation", "RestClient", "operations"]

_LATER = {"RestClient": "camunda_rest.client", "AsyncRestClient": "camunda_rest.aio"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value
