"""Falling back to the other wire: never by itself, only for the RPCs that somebody has named."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Container, Mapping
from typing import Literal

from bridge.routing import GRPC, REST
from camunda_core._arguments import shown
from camunda_core._rpcs import FACTS
from camunda_core.errors import CamundaError, ConfigurationError, Unavailable

__all__ = ["Fallback"]

log = logging.getLogger("bridge")

_BRINGS = frozenset({"ActivateJobs", "StreamActivatedJobs"})


class Fallback:
    """Which calls a client makes once more, on the other wire, when the wire that their route names is unavailable.

    ``rpcs``  names of RPCs that may run twice, since the first attempt may have been executed: ``Topology``,
              ``CompleteJob``, ``CancelProcessInstance`` and others, but not those that create something anew
    ``on``    "unavailable": the gateway cannot be reached, or says UNAVAILABLE, after all retries

    Without one there is no fallback. Each is logged (``bridge``) as a warning and counted. Both wires must be open. The time
    limit of a call holds for both wires together. Raises ConfigurationError for what may not run twice, and for what brings
    jobs: a worker polls again anyway.
    """

    def __init__(self, *rpcs: str, on: Literal["unavailable"] = "unavailable") -> None:
        if not isinstance(on, str) or on != "unavailable":
            raise ConfigurationError(f'Fallback: on must be "unavailable", not {shown(on)}')
        if not rpcs:
            raise ConfigurationError(
                "Fallback: rpcs is empty: name the RPCs that may be made on the other wire"
            )
        for rpc in rpcs:
            facts = FACTS.get(rpc) if isinstance(rpc, str) else None
            if facts is None:
                raise ConfigurationError(
                    f"Fallback: rpcs must be names of RPCs, and there is no RPC {shown(rpc)}"
                )
            if rpc in _BRINGS:
                raise ConfigurationError(f"Fallback: {rpc} brings jobs, and is asked again anyway: route it")
            if not facts.repeatable:
                raise ConfigurationError(
                    f"Fallback: {rpc} may not run twice, and a call that found nobody may have been executed: leave it out"
                )
        self.on = on
        self.rpcs = frozenset(rpcs)
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each RPC fell back."""
        with self._lock:
            return dict(self._counts)

    def instead(self, rpc: str, wire: str, error: CamundaError, open_wires: Container[str]) -> str | None:
        """The wire to make this call on after ``error``; None where the error is to be raised."""
        other = REST if wire == GRPC else GRPC
        if rpc not in self.rpcs or not isinstance(error, Unavailable) or other not in open_wires:
            return None
        with self._lock:
            self._counts[rpc] += 1
        log.warning("%s falls back from %s to %s: %s", rpc, wire, other, error)
        return other

    def __repr__(self) -> str:
        return f"Fallback({', '.join(map(repr, sorted(self.rpcs)))}, on={self.on!r})"
