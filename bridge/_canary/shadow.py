"""Asking both wires the same, and comparing what they answer."""

from __future__ import annotations

import dataclasses
import logging
import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from camunda_core._arguments import share as checked_share
from camunda_core._arguments import shown
from camunda_core.errors import CamundaError, ConfigurationError
from camunda_core.observing import type_of

__all__ = ["READ_ONLY", "Shadow"]

log = logging.getLogger("bridge")

#: RPCs that change nothing that a process could notice; an evaluation is kept in the cluster's history, though.
READ_ONLY = ("Topology", "EvaluateDecision")
_MOST_AT_ONCE = 16
#: Fields that are new in each answer.
_NEW = frozenset({"decision_evaluation_key", "decision_instance_key", "decision_evaluation_instance_key"})


class Shadow:
    """Calls that a client makes on the wire of their route, and then on the other too, to compare the answers.

    ``rpcs``   of ``Topology`` and ``EvaluateDecision``: what only reads. (Each evaluation is kept in the cluster's history,
               so that there are two of a shadowed one.)
    ``share``  the share of the calls that is compared, above 0 and up to 1

    The caller has its answer before the other wire is asked, in the background, 16 calls at once at most; more are left
    out and counted. A difference is logged (``bridge``) once for each field, and counted; values are neither kept nor logged.
    Raises ConfigurationError for RPCs that change something.
    """

    def __init__(self, *rpcs: str, share: float = 1.0) -> None:
        for rpc in rpcs:
            if not isinstance(rpc, str) or rpc not in READ_ONLY:
                raise ConfigurationError(
                    f"Shadow: {shown(rpc)} is none of the rpcs {', '.join(READ_ONLY)}: what changes something is not made twice"
                )
        self.rpcs = frozenset(rpcs or ("Topology",))
        self.share = checked_share(share, "Shadow: share")
        self._lock = threading.Lock()
        self._running = 0
        self._counts: Counter[str] = Counter()
        self._differing: Counter[str] = Counter()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many answers were ``equal`` and how many ``different``, how many calls ``failed`` on the other wire or were
        ``left out``.
        """
        with self._lock:
            return dict(self._counts)

    @property
    def differences(self) -> Mapping[str, int]:
        """How often each field differed: ``Topology.brokers[].version``."""
        with self._lock:
            return dict(self._differing)

    def wants(self, rpc: str) -> bool:
        """Whether this call is compared."""
        return rpc in self.rpcs and (self.share >= 1 or random.random() < self.share)

    def begin(self) -> bool:
        """A comparison is about to begin; False when there are too many."""
        with self._lock:
            if self._running >= _MOST_AT_ONCE:
                self._counts["left out"] += 1
                return False
            self._running += 1
            return True

    def failed(self, rpc: str, error: CamundaError) -> None:
        """The other wire gave no answer."""
        with self._lock:
            self._running -= 1
            self._counts["failed"] += 1
        log.warning("the shadow of %s failed: %s", rpc, type_of(error))

    def answered(self, rpc: str, one: Any, other: Any) -> None:
        """Both wires have answered."""
        fields = {f"{rpc}.{place}" for place in _differing(one, other)}
        with self._lock:
            self._running -= 1
            self._counts["different" if fields else "equal"] += 1
            new = fields - self._differing.keys()
            self._differing.update(fields)
        for each in sorted(new):
            log.warning("the wires differ in %s", each)


def _differing(one: Any, other: Any, place: str = "") -> Iterator[str]:
    if dataclasses.is_dataclass(one) and type(one) is type(other):
        for each in dataclasses.fields(one):
            if each.compare and each.name not in _NEW:
                name = f"{place}.{each.name}" if place else each.name
                yield from _differing(getattr(one, each.name), getattr(other, each.name), name)
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        for mine, yours in zip(one, other, strict=True):
            yield from _differing(mine, yours, f"{place}[]")
    elif one != other:
        yield place
