"""The engine itself: keys, records, the queue of commands, and the parts that handle them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from camunda_embedded.engine import rejections
from camunda_embedded.engine.creation import Creation
from camunda_embedded.engine.decisions import Decisions
from camunda_embedded.engine.deployments import Deployments
from camunda_embedded.engine.events import Events
from camunda_embedded.engine.incidents import Incidents
from camunda_embedded.engine.jobs import Jobs
from camunda_embedded.engine.lifecycle import Lifecycle
from camunda_embedded.engine.messages import Messages
from camunda_embedded.engine.migration import Migration
from camunda_embedded.engine.modification import Modification
from camunda_embedded.engine.rejections import Line, Rejected
from camunda_embedded.engine.schedule import Due, Schedule
from camunda_embedded.engine.signals import Signals
from camunda_embedded.engine.state import Instance
from camunda_embedded.engine.timers import Timers
from camunda_embedded.engine.variables import Variables
from camunda_embedded.records import COMMAND, EVENT, KEPT, REJECTION, Log

__all__ = ["Engine"]

T = TypeVar("T")

PARTITION = 1
PARTITION_BITS = 51
#: How many commands may follow from one command, timer or message before the engine takes it for an endless loop.
MAX_STEPS = 50_000


class Engine:
    """A partition of the workflow engine. Not thread safe: one thread calls it; nothing in it waits.

    ``now``   gives the time in milliseconds since the epoch; there is no other clock in here
    ``line``  of the real engine, whose refusals it words
    """

    def __init__(
        self, now: Callable[[], int], *, line: Line = (8, 6), kept: int = KEPT, max_steps: int = MAX_STEPS
    ) -> None:
        self.now = now
        self.line = line
        self.log = Log(kept)
        self.schedule = Schedule()
        self.instances: dict[int, Instance] = {}
        self.max_steps = max_steps
        self.steps = 0
        self._counter = 0
        self._source = -1
        self._queue: deque[tuple[str, str, int, dict[str, Any], Callable[[], None]]] = deque()
        #: Called when a command and all that follows from it are done.
        self.on_settled: list[Callable[[], None]] = []
        self.variables = Variables(self)
        self.incidents = Incidents(self)
        self.jobs = Jobs(self)
        self.timers = Timers(self)
        self.messages = Messages(self)
        self.signals = Signals(self)
        self.events = Events(self)
        self.decisions = Decisions(self)
        self.lifecycle = Lifecycle(self)
        self.deployments = Deployments(self)
        self.creation = Creation(self)
        self.modification = Modification(self)
        self.migration = Migration(self)

    # --- keys and records ---

    def next_key(self) -> int:
        """A key that was never given before."""
        self._counter += 1
        return (PARTITION << PARTITION_BITS) + self._counter

    def event(self, value_type: str, intent: str, key: int, value: dict[str, Any]) -> None:
        """Records that something happened."""
        self.log.append(self._source, key, EVENT, value_type, intent, value, self.now())

    # --- commands ---

    def execute(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], handler: Callable[[], T]
    ) -> T:
        """Carries out a command from outside, and everything that follows from it.

        Raises:
            camunda_core.errors.CamundaError: the command was rejected.
        """
        position = self.log.append(-1, key, COMMAND, value_type, intent, value, self.now())
        self._source = position
        self.steps = 0
        try:
            result = handler()
        except Rejected as refusal:
            rejected = refusal.on(self.line)
            self._log_rejection(value_type, intent, key, value, rejected)
            raise rejections.error_of(intent, rejected) from None
        finally:
            self._drain()
        return result

    def follow(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], handler: Callable[[], None]
    ) -> None:
        """Puts a command that follows from the current one into the queue."""
        self.log.append(self._source, key, COMMAND, value_type, intent, value, self.now())
        self._queue.append((value_type, intent, key, value, handler))

    def run_due(self) -> None:
        """Does everything that is due by now, and what falls due by that."""
        while (action := self.schedule.pop(self.now())) is not None:
            found: list[tuple[int, Due]] = []
            while action is not None:
                due = action()
                if due is not None:
                    found.append((self._log_command(due), due))
                action = self.schedule.pop(self.now())
            for position, due in found:
                self._source, self.steps = position, 0
                self._handle(*due)
                self._drain()

    def _log_command(self, due: Due) -> int:
        return self.log.append(-1, due.key, COMMAND, due.value_type, due.intent, due.value, self.now())

    def _drain(self) -> None:
        while self._queue:
            self.steps += 1
            self._handle(*self._queue.popleft())
        self._source = -1
        for settled in self.on_settled:
            settled()

    def _handle(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], handler: Callable[[], None]
    ) -> None:
        try:
            handler()
        except Rejected as rejected:
            self._log_rejection(value_type, intent, key, value, rejected)

    def _log_rejection(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], rejected: Rejected
    ) -> None:
        self.log.append(
            self._source,
            key,
            REJECTION,
            value_type,
            intent,
            value,
            self.now(),
            rejected.recorded,
            rejected.reason,
        )
        if rejected.then is not None:
            rejected.then()
