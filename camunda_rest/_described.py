"""How the generated operations are described: facts, in the order and the notation in which the generator writes them."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, NamedTuple

from camunda_rest._versions import parse_version
from camunda_rest.operations import Operation

__all__ = ["Described", "operation_of"]


class Described(NamedTuple):
    """One operation of the REST API.

    ``since``          the cluster version that brought it, "8.8"
    ``root``           it lives at the root of the server, not under ``/v2``
    ``params``         what the path holds, ``query`` what the query string holds, in the notation of ``writing``
    ``body``           how the JSON body is written; ``multipart`` the shape of a multipart body
    ``filter``         the shape of the filter, where there is one
    ``page``           how it is paged: "cursor", "forward" (cursors that only go on), "offset", or "" for not at all
    ``sorts``          what it can be sorted by
    ``result``         the class of its answer (with ``[]`` for a plain list), ``items`` that of the items of a list
    ``media``          "json", "xml" or "binary"
    ``maybe_nothing``  it may answer 204 where there is nothing
    ``eventual``       what it answers may lag behind what has happened
    ``repeatable``     running it twice does no harm
    ``alpha_before``   what it was before that version had another shape
    ``exempt``         the gateway does not count it against its limit of requests
    ``tenant``         the default tenant of the client goes into its body
    """

    id: str
    method: str
    path: str
    since: str
    root: bool = False
    params: str = ""
    query: str = ""
    body: str = ""
    multipart: str = ""
    filter: str = ""
    page: str = ""
    sorts: str = ""
    result: str = ""
    items: str = ""
    media: Literal["json", "xml", "binary"] = "json"
    maybe_nothing: bool = False
    eventual: bool = False
    repeatable: bool = False
    alpha_before: str = ""
    exempt: bool = False
    tenant: bool = False

    @classmethod
    def of(cls, facts: tuple[Any, ...]) -> Described:
        """From its facts: id, method, path, version, and pairs of what else there is to say."""
        return cls(*facts[:4], **dict(facts[4:]))


@cache
def operation_of(described: Described) -> Operation:
    """The operation as the wire knows it."""
    # The wire refuses what is no object; lists are told apart where answers are read.
    listed = described.result.endswith("[]") or described.result == "a"
    has_answer = bool(described.result or described.items) and not described.maybe_nothing and not listed
    return Operation(
        described.id,
        described.method,
        described.path,
        body="multipart" if described.multipart else "json" if described.body else "none",
        answers=has_answer,
        repeatable=described.repeatable,
        since=parse_version(described.since),
        media=described.media,
    )
