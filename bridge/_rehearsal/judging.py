"""What would become of one request over REST: it is said in REST, by the table, and not sent. Pure.

A finding names fields and reasons and never a value: nothing of what a caller sends is in it.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from bridge._dropin.method import Method
from bridge._rehearsal.differences import Difference, met
from bridge._table.codecs import Misfit
from bridge._table.mapping import ROWS
from bridge._table.versions import Version, newer_properties
from camunda_core.errors import InvalidRequest, UnsupportedField
from camunda_rest._encoding import check_json
from camunda_rest._request import build

__all__ = ["BLOCKING", "CARRIED_NOT", "EMULATED", "TOO_OLD", "Finding", "Judge"]

#: Kinds of findings beside the effects of ``bridge._rehearsal.differences``.
CARRIED_NOT, TOO_OLD, EMULATED = "not carried", "too new for the cluster", "emulated"
#: The kinds with which the call would fail over REST.
BLOCKING = frozenset({CARRIED_NOT, TOO_OLD, "refused by REST"})

_FIRST = (8, 6)  # the oldest cluster whose REST API has the operations
_FOREIGN = frozenset({"variables", "customHeaders"})  # below them the names are the caller's own
_INDEX = re.compile(r"\[\d+\]")
#: From here on a message may repeat what it was given.
_REPEATED = re.compile(r", not |: |\bcannot be |\(")
_QUOTED = re.compile(r"""'.*'|".*\"""")


class Finding(NamedTuple):
    """What one request would meet: ``name`` is a field, a row of ``docs/differences.md``, or an RPC."""

    kind: str
    name: str
    text: str
    way_out: str = ""

    @property
    def blocking(self) -> bool:
        """Whether the call would fail."""
        return self.kind in BLOCKING


class Judge:
    """Judges the requests of one RPC. ``rpc`` is one of the table."""

    def __init__(self, rpc: str) -> None:
        self.rpc = rpc
        self._method = Method(rpc, None, None)
        row = ROWS[rpc]
        self._emulated = (
            Finding(EMULATED, rpc, row.emulated, "leave the RPC on gRPC, or take the emulation")
            if row.emulated
            else None
        )
        self._found: dict[Difference, Finding] = {}

    def judge(self, data: bytes, version: Version | None) -> tuple[Finding, ...]:
        """What a serialised request meets on a cluster of this version. Without a version every field
        that is newer than 8.6 is a finding.
        """
        return self.judged(self._method.message(data), version)

    def judged(self, message: Any, version: Version | None) -> tuple[Finding, ...]:
        """The same, of a message."""
        refusal = self._refusal(message, version)
        if refusal is not None:
            return (refusal,)
        found = [self._of(each) for each in met(self.rpc, message, version)]
        return tuple(found if self._emulated is None else [self._emulated, *found])

    def _refusal(self, message: Any, version: Version | None) -> Finding | None:
        try:
            request = self._method.request(message)
            operation = request.operation
            if operation.since > (version or _FIRST):
                return _too_old(self.rpc, self.rpc, operation.since)
            newer = dict(newer_properties(operation, request.body)) if operation.newer else {}
            for name, since in newer.items():
                if version is None or since > version:
                    return _too_old(self.rpc, name, since)
            if operation.body == "json":
                check_json(request.body)  # what writing it would refuse; the path is keys already
            else:
                build("", operation, request.path, request.body, request.files)
        except UnsupportedField as error:
            text = error.message.partition(":")[0]
            return Finding(CARRIED_NOT, "a field of a newer protocol", text, "upgrade camunda-bridge")
        except InvalidRequest as error:
            return _not_carried(error)
        return None

    def _of(self, difference: Difference) -> Finding:
        finding = self._found.get(difference)
        if finding is None:
            finding = Finding(difference.effect, difference.name, difference.text, _way_out(difference))
            self._found[difference] = finding
        return finding


def _too_old(rpc: str, name: str, since: Version) -> Finding:
    needs = f"{since[0]}.{since[1]}"
    what = "the operation came" if name == rpc else "the property came"
    return Finding(
        TOO_OLD,
        name,
        f"{what} with Camunda {needs}",
        f"upgrade to {needs}, or do without it, or leave {rpc} on gRPC",
    )


def _not_carried(error: InvalidRequest) -> Finding:
    misfit = error.__context__
    if isinstance(misfit, Misfit):
        place, text = list(misfit.at), misfit.text
    else:
        where, separator, said = error.message.partition(": ")
        place, text = (where.split("."), said) if separator else ([], error.message)
    name = _place(place) or "the request"
    return Finding(CARRIED_NOT, name, _without_values(text), f"change {name}, or leave the RPC on gRPC")


def _place(parts: list[str]) -> str:
    """The field, without indices and without the names inside of variables."""
    kept: list[str] = []
    for part in parts:
        name = _INDEX.sub("", part).split(" ")[0]
        if name:
            kept.append(name)
        if name in _FOREIGN:
            break
    return ".".join(kept)


def _without_values(text: str) -> str:
    if text.endswith("in its place"):
        return "JSON has no such number"
    cut = _REPEATED.split(_QUOTED.sub("…", text), maxsplit=1)[0].strip()
    return re.sub(r"^-?\d+ ", "a number ", cut) or "it has no place in REST"


def _way_out(difference: Difference) -> str:
    return "do without it" if difference.effect == "refused by REST" else ""
