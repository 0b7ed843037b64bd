"""Which wire serves which RPC: a decision that a person reads in one line, never a fallback.

    rest                                      everything over REST
    rest, StreamActivatedJobs=grpc            but the job streams
    grpc, CompleteJob=rest, job:charge=rest   one RPC and one job type on their way to REST
    rest, StreamActivatedJobs=off             an RPC that is refused
    grpc, CompleteJob=rest:5%                 one in twenty, and the rest over the other wire

The first word is the wire of everything that is not named, job streams included. Only where no such
word is given (in routes, as ``transport``, or in the environment) do job streams stay on gRPC by
themselves, where there is a gRPC address: REST can but emulate them. ``job:TYPE`` decides for
ActivateJobs and StreamActivatedJobs of that type, and for the completing, failing and throwing of
the jobs that they brought. The same as a mapping: ``{"*": "rest", "StreamActivatedJobs": "grpc",
"job:charge": "rest"}``.

A share is decided by the key that a request names: of the process instance where there is one, else of
the job, element instance, incident or resource. The same key takes the same wire in every process; a
request without a key is drawn. A worker knows the process instance of each of its jobs. Both wires
must be there. ``client.routes = …`` replaces the routes of a client, and of its workers, while they work.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from bridge._canary.shares import Share, share_in
from bridge._table.mapping import ROWS
from camunda_core._arguments import shown
from camunda_core.errors import ConfigurationError

__all__ = ["GRPC", "OFF", "REST", "JobOrigins", "Routes"]

REST, GRPC, OFF = "rest", "grpc", "off"
_WIRES = (REST, GRPC, OFF)
_DEFAULT, _JOB = "*", "job:"
_STREAM = next(row.rpc for row in ROWS.values() if row.operation is None)


@dataclass(frozen=True)
class Routes:
    """The routing of one client. Make it with ``Routes.read``; ``str()`` gives the one line."""

    default: str
    rpcs: Mapping[str, str] = field(default_factory=dict)
    job_types: Mapping[str, str] = field(default_factory=dict)
    #: What of the above is a share, by its text; empty where nothing is.
    _shares: Mapping[str, Share] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = {
            text: share
            for text in {self.default, *self.rpcs.values(), *self.job_types.values()}
            if (share := share_in(text)) is not None
        }
        object.__setattr__(self, "_shares", found)

    @classmethod
    def read(
        cls,
        routes: str | Mapping[str, str] | Routes | None,
        *,
        rest: bool,
        grpc: bool,
        default: str | None = None,
        strict: bool = False,
    ) -> Routes:
        """Reads and checks a routing against the addresses that there are.

        ``default`` is used when ``routes`` names none, and as much of an order: the wire of
        everything. Without either it is REST where there is a REST address, but gRPC, where that
        is there too, for an RPC that REST can only emulate. ``strict`` refuses what REST would
        emulate or answer in part.

        Raises ConfigurationError naming the entry and the way out.
        """
        if isinstance(routes, Routes):
            entries: Mapping[str, str] = routes._entries()
        elif isinstance(routes, str):
            entries = _entries_of(routes)
        elif routes is None or isinstance(routes, Mapping):
            entries = routes or {}
        else:
            raise ConfigurationError(
                f"routes must be a line of text, a mapping or Routes, not {shown(routes)}"
            )
        rpcs: dict[str, str] = {}
        job_types: dict[str, str] = {}
        if default not in (None, *_WIRES):
            raise ConfigurationError(f"default must be one of {', '.join(_WIRES)}, not {shown(default)}")
        chosen = default
        for name, wire in entries.items():
            if not isinstance(name, str):
                raise ConfigurationError(f"routes: {shown(name)} is no text; an RPC, job:TYPE or * is named")
            if not isinstance(wire, str) or (wire not in _WIRES and share_in(wire) is None):
                said = wire if isinstance(wire, str) and wire.isprintable() else shown(wire)
                raise ConfigurationError(
                    f"routes: route {name!s:.80}={said:.80}: a route is one of {', '.join(_WIRES)}, "
                    "or a share such as rest:5%"
                )
            if name == _DEFAULT:
                chosen = wire
            elif name.startswith(_JOB):
                job_types[name[len(_JOB) :]] = wire
            elif name in ROWS:
                rpcs[name] = wire
            else:
                raise ConfigurationError(
                    f"routes: route {name:.80}={wire}: there is no such RPC{_hint(name)}"
                )
        if chosen is None:
            chosen = REST if rest else GRPC
            if rest and grpc:
                rpcs.setdefault(_STREAM, GRPC)
        result = cls(chosen, rpcs, job_types)
        result._check(rest=rest, grpc=grpc, strict=strict)
        return result

    def _entries(self) -> dict[str, str]:
        jobs = {_JOB + job_type: wire for job_type, wire in self.job_types.items()}
        return {_DEFAULT: self.default, **self.rpcs, **jobs}

    def _check(self, *, rest: bool, grpc: bool, strict: bool) -> None:
        there = {REST: rest, GRPC: grpc, OFF: True}
        for name, route in self._entries().items():
            for wire in sorted(self._wires_in(route)):
                if not there[wire]:
                    raise ConfigurationError(
                        f"route {name}={route} needs a {wire} address: give {wire}_address, or route it elsewhere"
                    )
        if not strict:
            return
        for rpc, row in ROWS.items():
            job_types = [
                t
                for t, route in self.job_types.items()
                if REST in self._wires_in(route) and row.operation is None
            ]
            if REST in self.wires_of(rpc) or job_types:
                if row.whole:
                    continue
                lack = (row.emulated and f"would be emulated ({row.emulated})") or "; ".join(
                    row.unanswered.values()
                )
                raise ConfigurationError(
                    f"strict: {rpc} cannot be served in full over REST: {lack}. "
                    f"Route it with {rpc}={GRPC} (and a gRPC address), refuse it with {rpc}={OFF}, or drop strict"
                )

    def of(self, rpc: str, job_type: str = "", key: int | None = None) -> str:
        """The wire of one call: ``rest``, ``grpc`` or ``off``. ``key`` decides where only a share takes one."""
        route = self.job_types.get(job_type) if job_type else None
        if route is None:
            route = self.rpcs.get(rpc, self.default)
        share = self._shares.get(route) if self._shares else None
        return route if share is None else share.of(key)

    def wires_of(self, rpc: str, job_type: str = "") -> frozenset[str]:
        """Every wire that a call of this RPC may take, ``off`` included."""
        route = self.job_types.get(job_type) if job_type else None
        return self._wires_in(self.rpcs.get(rpc, self.default) if route is None else route)

    def _wires_in(self, route: str) -> frozenset[str]:
        share = self._shares.get(route)
        return frozenset({route} if share is None else {share.wire, share.other})

    def wires(self) -> frozenset[str]:
        """Every wire that some call may take."""
        rpcs = [self.wires_of(rpc) for rpc in ROWS]
        types = [self._wires_in(route) for route in self.job_types.values()]
        return frozenset().union(*rpcs, *types) - {OFF}

    @property
    def shared(self) -> bool:
        """Whether some route is a share."""
        return bool(self._shares)

    def by_job_type(self, rpc: str) -> bool:
        """Whether the wire of this RPC may differ from job to job."""
        return bool(self.job_types) and bool(ROWS[rpc].jobs)

    def __str__(self) -> str:
        return ", ".join(
            wire if name == _DEFAULT else f"{name}={wire}" for name, wire in self._entries().items()
        )


def _entries_of(text: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.replace(";", ",").split(","))):
        name, separator, wire = part.rpartition("=")
        name, wire = (name.strip(), wire.strip()) if separator else (_DEFAULT, part)
        if name in entries:
            raise ConfigurationError(
                f"route {part}: {'the default' if name == _DEFAULT else name} is given twice"
            )
        entries[name] = wire
    return entries


def _hint(name: str) -> str:
    from difflib import get_close_matches  # for an error alone

    close = get_close_matches(name, [*ROWS, _DEFAULT], n=1)
    return f"; did you mean {close[0]}?" if close else f"; RPCs are {', '.join(ROWS)}"


class JobOrigins:
    """Remembers which wire brought a job: the newest ``limit`` jobs of routed types.

    A job that is not remembered (brought by another process, or long ago) is answered on the RPC's
    own route, which reaches the same cluster.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._wires: OrderedDict[int, str] = OrderedDict()
        self._limit = limit
        self._lock = Lock()

    def brought(self, keys: Iterable[int], wire: str) -> None:
        """Jobs came over this wire."""
        with self._lock:
            for key in keys:
                self._wires[key] = wire
            while len(self._wires) > self._limit:
                self._wires.popitem(last=False)

    def answering(self, key: int) -> str | None:
        """The wire on which a job came, if it is known."""
        return self._wires.get(key)
