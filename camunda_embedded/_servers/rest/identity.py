"""Users, groups, roles, tenants, mapping rules and authorizations: remembered, and never enforced.

All operations follow from their paths, so that there is one handler for each kind of path:

    /groups   /groups/search   /groups/{groupId}   /groups/{groupId}/users/search   /groups/{groupId}/users/{username}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from camunda_embedded._servers.rest.asking import DESCRIBED, Asking, described_route, kept, missing
from camunda_embedded._servers.rest.bodies import checked
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.routes import Answer, Request, Route
from camunda_embedded._views.filters import Row
from camunda_embedded._views.table import Table
from camunda_rest._versions import parse_version
from camunda_rest.api.answers import ANSWERS

__all__ = ["Identity"]

Version = tuple[int, int]

_ID = re.compile(r"<default>|[A-Za-z0-9_@.+~-]{1,256}")
#: First part of the path → what identifies one of its kind.
_IDS: Mapping[str, str] = {
    "users": "username", "groups": "groupId", "roles": "roleId", "tenants": "tenantId",
    "mapping-rules": "mappingRuleId", "authorizations": "authorizationKey", "clients": "clientId",
}  # fmt: skip


class Identity:
    """The routes; ``next_key`` gives new keys, ``asking`` reads searches."""

    def __init__(self, asking: Asking, version: Version, next_key: Callable[[], int]) -> None:
        self._asking = asking
        self._version = version
        self._next_key = next_key
        self._tables = {kind: Table(name) for kind, name in _IDS.items()}
        #: Who belongs to what: kind and id of the owner, kind of the members → their ids.
        self._members: dict[tuple[str, Any, str], Table] = {}

    def routes(self) -> list[Route]:
        """The operations that the version has."""
        return [
            described_route(name, self._handler(described.method, described.path))
            for name, described in DESCRIBED.items()
            if described.path.split("/")[1] in _IDS and parse_version(described.since) <= self._version
        ]

    def _handler(self, method: str, path: str) -> Any:
        parts = path.strip("/").split("/")
        if parts[-1] == "search":
            return self._search if len(parts) == 2 else self._search_members
        if len(parts) == 1:
            return self._create
        if len(parts) == 2:
            return {"GET": self._get, "PUT": self._update, "DELETE": self._delete}[method]
        return self._assign if method == "PUT" else self._unassign

    # --- things ---

    def _place(self, request: Request) -> tuple[str, Table]:
        kind = request.route.path.split("/")[1]
        return kind, self._tables[kind]

    def _row(self, kind: str, id_: Any) -> Row:
        found = self._tables[kind].get(id_)
        if found is None:
            raise missing(kind.rstrip("s").replace("-", " "), _IDS[kind], id_)
        return found

    def _answer(self, request: Request, row: Row, status: int = 200) -> Answer:
        name = request.route.id
        return Answer(self._asking.written(name, row), status) if name in ANSWERS else Answer(None, 204)

    async def _create(self, request: Request) -> Answer:
        _, table = self._place(request)
        row = checked(request, self._version)
        row.pop("password", None)
        if table.key == "authorizationKey":
            row[table.key] = self._next_key()
        elif not _ID.fullmatch(row[table.key]):
            raise Problem(
                400, "INVALID_ARGUMENT", f"The provided {table.key} '{row[table.key]}' is not valid."
            )
        if table.get(row[table.key]) is not None:
            raise Problem(409, "ALREADY_EXISTS", f"There is one with {table.key} '{row[table.key]}' already.")
        return self._answer(request, kept(table, row), 201)

    async def _get(self, request: Request) -> Answer:
        kind, _ = self._place(request)
        (id_,) = request.path.values()
        return self._answer(request, self._row(kind, id_))

    async def _update(self, request: Request) -> Answer:
        kind, _ = self._place(request)
        (id_,) = request.path.values()
        row = self._row(kind, id_)
        row |= {name: value for name, value in checked(request, self._version).items() if name != "password"}
        return self._answer(request, row)

    async def _delete(self, request: Request) -> None:
        kind, table = self._place(request)
        (id_,) = request.path.values()
        self._row(kind, id_)
        table.remove(id_)
        for owner, members in list(self._members.items()):
            if owner[:2] == (kind, id_):
                del self._members[owner]
            elif owner[2] == kind:
                members.remove(id_)

    async def _search(self, request: Request) -> Any:
        _, table = self._place(request)
        return self._asking.written(request.route.id, self._asking.found(request, table, table))

    # --- who belongs to what ---

    def _membership(self, request: Request) -> tuple[str, Table, Any]:
        """The kind of members, those that there are, and the one of the path (None in a search).

        A path may name the member first (``/roles/{roleId}/users/{username}``) or last; it is the part after the owner.
        """
        parts = request.route.path.strip("/").split("/")
        owner, member = parts[0], parts[2]
        owner_id = request.path[parts[1].strip("{}")]
        self._row(owner, owner_id)
        one = request.path.get(parts[3].strip("{}")) if parts[3] != "search" else None
        return member, self._members.setdefault((owner, owner_id, member), Table(_IDS[member])), one

    async def _assign(self, request: Request) -> None:
        member, there, one = self._membership(request)
        if one in there:
            raise Problem(409, "ALREADY_EXISTS", f"{_IDS[member]} '{one}' is assigned already.")
        kept(there, {there.key: one})

    async def _unassign(self, request: Request) -> None:
        member, there, one = self._membership(request)
        if one not in there:
            raise missing(f"assigned {member.rstrip('s').replace('-', ' ')}", _IDS[member], one)
        there.remove(one)

    async def _search_members(self, request: Request) -> Any:
        member, there, _ = self._membership(request)
        known = self._tables[member]
        # In the order in which they were assigned, whatever is known of them.
        rows = [{**(known.get(each[there.key]) or {}), **each} for each in there]
        return self._asking.written(request.route.id, self._asking.found(request, known, rows))
