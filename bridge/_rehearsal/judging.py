"""What would become of one request over REST: it is said in REST, by the table, and not sent. Pure.

A finding names fields and reasons and never a value: nothing of what a caller sends is in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from bridge._dropin.method import Method
from bridge._rehearsal.differences import Difference, met
from bridge._table.codecs import Misfit
from bridge._table.mapping import ROWS, RestRequest
from bridge._table.transcode import classes_of, exchange
from bridge._table.versions import Version, newer_properties
from camunda_core._patterns import pattern
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
_INDEX = pattern(r"\[\d+\]")
#: From here on a message may repeat what it was given.
_REPEATED = pattern(r", not |: |\bcannot be |\(")
_QUOTED = pattern(r"""'.*'|".*\"""")


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
        self._exchange = exchange(row.emulated_by or rpc)
        self._plain = not row.emulated_by
        self._class = classes_of(rpc)[0]
        #: What requests of this RPC met so far, so that the same is the same object.
        self._known: dict[tuple[Difference, ...], tuple[Finding, ...]] = {}
        self._refusals: dict[Finding, tuple[Finding, ...]] = {}

    def judge(self, data: bytes, version: Version | None) -> tuple[Finding, ...]:
        """What a serialised request meets on a cluster of this version. Without a version every field
        that is newer than 8.6 is a finding. What is equal is the same object.
        """
        message = self._class.FromString(data)
        if self._plain:
            message.DiscardUnknownFields()
            if message.ByteSize() == len(data):  # nothing was unknown
                return self._judged(message, version, self._exchange.to_rest)
            message = self._class.FromString(data)
        return self.judged(message, version)

    def judged(self, message: Any, version: Version | None) -> tuple[Finding, ...]:
        """The same, of a message."""
        return self._judged(message, version, self._method.request)

    def _judged(
        self, message: Any, version: Version | None, say: Callable[[Any], RestRequest]
    ) -> tuple[Finding, ...]:
        refusal = self._refusal(message, version, say)
        if refusal is not None:
            return self._refusals.setdefault(refusal, (refusal,))
        differences = tuple(met(self.rpc, message, version))
        findings = self._known.get(differences)
        if findings is None:
            found = [Finding(each.effect, each.name, each.text, _way_out(each)) for each in differences]
            findings = tuple(found if self._emulated is None else [self._emulated, *found])
            self._known[differences] = findings
        return findings

    def _refusal(
        self, message: Any, version: Version | None, say: Callable[[Any], RestRequest]
    ) -> Finding | None:
        try:
            request = say(message)
            operation = request.operation
            if operation.since > (version or _FIRST):
                return _too_old(self.rpc, self.rpc, operation.since)
            if operation.newer:
                for name, since in newer_properties(operation, request.body):
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
