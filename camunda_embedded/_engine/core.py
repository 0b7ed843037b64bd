"""The engine itself: keys, records, the queue of commands, and the parts that handle them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from camunda_embedded._engine import rejections
from camunda_embedded._engine.creation import Creation
from camunda_embedded._engine.decisions import Decisions
from camunda_embedded._engine.deployments import Deployments
from camunda_embedded._engine.events import Events
from camunda_embedded._engine.incidents import Incidents
from camunda_embedded._engine.jobs import Jobs
from camunda_embedded._engine.lifecycle import Lifecycle
from camunda_embedded._engine.messages import Messages
from camunda_embedded._engine.migration import Migration
from camunda_embedded._engine.modification import Modification
from camunda_embedded._engine.rejections import Line, Rejected
from camunda_embedded._engine.schedule import Due, Schedule
from camunda_embedded._engine.signals import Signals
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.timers import Timers
from camunda_embedded._engine.variables import Variables
from camunda_embedded._engine.work import Chain, Work, Works
from camunda_embedded._feel import budget
from camunda_embedded._limits import KEPT_RECORDS, MAX_DEPTH_OF_STEPS, MAX_STEPS, PART
from camunda_embedded._records import COMMAND, EVENT, REJECTION, Log

__all__ = ["Engine"]

T = TypeVar("T")
_logger = logging.getLogger(__name__)

PARTITION = 1
PARTITION_BITS = 51


class Engine:
    """A partition of the workflow engine. Not thread safe: one thread calls it; nothing in it waits.

    ``now``   gives the time in milliseconds since the epoch; there is no other clock in here
    ``line``  of the real engine, whose refusals it words

    A command is carried out at once. What follows from it is done before ``execute`` returns, unless ``works`` has turns: then
    what takes longer than one waits there for the next, and other commands come in between, as they do in the log of the real
    engine.
    """

    def __init__(
        self,
        now: Callable[[], int],
        *,
        line: Line = (8, 6),
        kept: int = KEPT_RECORDS,
        max_steps: int = MAX_STEPS,
        max_depth: int = MAX_DEPTH_OF_STEPS,
    ) -> None:
        self.now = now
        self.line = line
        self.log = Log(kept)
        self._append = self.log.append  # some 35 times for each job
        self.schedule = Schedule()
        self.instances: dict[int, Instance] = {}
        self.works = Works()
        self._unfinished: Work | None = None
        self._max_steps, self._max_depth = max_steps, max_depth
        self._counter = 0
        #: When the current command began: the time of its records.
        self._time = 0
        self._chain = Chain(-1)
        self._due: Work | None = None
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
        self._append(self._chain.source, key, EVENT, value_type, intent, value, self._time)

    # --- commands ---

    def execute(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], handler: Callable[[], T]
    ) -> T:
        """Carries out a command from outside, and everything that follows from it.

        Raises:
            camunda_core.errors.CamundaError: the command was rejected.
        """
        self._time = self.now()
        position = self._append(-1, key, COMMAND, value_type, intent, value, self._time)
        chain = self._chain = Chain(position)
        owned = budget.enter()
        try:
            result = handler()
        except Rejected as refusal:
            rejected = refusal.on(self.line)
            self._log_rejection(value_type, intent, key, value, rejected)
            raise rejections.error_of(intent, rejected) from None
        finally:
            work = self.works.begin(self._settling(chain))
            budget.leave(owned)
            self._unfinished = None if work.done else work
        if chain.broken is not None:
            raise chain.broken
        return result

    def follow(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], handler: Callable[[], None]
    ) -> None:
        """Puts a command that follows from the current one into the queue."""
        chain = self._chain
        self._append(chain.source, key, COMMAND, value_type, intent, value, self._time)
        chain.queue.append((value_type, intent, key, value, handler, chain.depth + 1))

    def spread(self, items: Iterable[T], action: Callable[[T], object]) -> None:
        """Does something for each item, as the last thing that the current command does.

        Of many items the rest is done in the next steps, before anything else that follows.
        """
        left, chain = iter(items), self._chain

        def part() -> None:
            for item in islice(left, PART):
                action(item)
            for item in left:  # there is more
                action(item)
                chain.queue.appendleft(("", "", -1, {}, part, chain.depth))
                break

        part()

    @property
    def passed_limit(self) -> int:
        """The limit of steps that the current command is beyond; 0 while it is not."""
        chain = self._chain
        if chain.depth > self._max_depth:
            return self._max_depth
        return self._max_steps if chain.steps > self._max_steps else 0

    def take_unfinished(self) -> Work | None:
        """What the last command left unfinished, for the one who gave it; None when all that follows from it is done."""
        left, self._unfinished = self._unfinished, None
        return left

    def run_due(self) -> Work:
        """Does everything that is due by now, and what falls due by that."""
        if self._due is None or self._due.done:
            self._due = self.works.begin(self._all_due())
        return self._due

    @property
    def at_due(self) -> bool:
        """Whether what is due is being done, in turns."""
        return self._due is not None and not self._due.done

    def _all_due(self) -> Iterator[None]:
        while (action := self.schedule.pop(self.now())) is not None:
            found: list[tuple[int, Due]] = []
            while action is not None:
                due = action()
                if due is not None:
                    found.append((self._log_command(due), due))
                    if len(found) % PART == 0:
                        yield
                action = self.schedule.pop(self.now())
            for position, due in found:
                chain = Chain(position)
                chain.queue.append((*due, 0))
                chain.steps = -1
                yield from self._settling(chain)

    def _log_command(self, due: Due) -> int:
        return self.log.append(-1, due.key, COMMAND, due.value_type, due.intent, due.value, self.now())

    def _settling(self, chain: Chain) -> Iterator[None]:
        """The steps of all that follows from a command."""
        queue = chain.queue
        while queue:
            self._chain = chain
            chain.steps += 1
            self._time = self.now()
            value_type, intent, key, value, handler, chain.depth = queue.popleft()
            budget.renew()
            try:
                handler()
            except Rejected as rejected:
                self._log_rejection(value_type, intent, key, value, rejected)
            except Exception as error:  # a fault of this engine: told, and what else follows goes on
                _logger.exception("%s %s of %d cannot be carried out", value_type, intent, key)
                chain.broken = error
            yield
        for settled in self.on_settled:
            settled()

    def _log_rejection(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], rejected: Rejected
    ) -> None:
        self.log.append(
            self._chain.source,
            key,
            REJECTION,
            value_type,
            intent,
            value,
            self._time,
            rejected.recorded,
            rejected.reason,
        )
        if rejected.then is not None:
            rejected.then()
