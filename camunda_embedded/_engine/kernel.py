"""The kernel of the engine: time, keys, records, and the queue of commands. It knows none of the parts that carry them out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from camunda_embedded._engine import rejections
from camunda_embedded._engine.command import Chain, Command, Handler, Handlers
from camunda_embedded._engine.rejections import Line, Rejected
from camunda_embedded._engine.resources import TENANT
from camunda_embedded._engine.schedule import Schedule
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.work import Work, Works
from camunda_embedded._feel import budget
from camunda_embedded._limits import KEPT_RECORDS, MAX_DEPTH_OF_STEPS, MAX_STEPS, PART
from camunda_embedded._records import COMMAND, EVENT, REJECTION, Log

__all__ = ["PARTITION", "PARTITION_BITS", "Kernel"]

T = TypeVar("T")
_logger = logging.getLogger(__name__)

PARTITION = 1
PARTITION_BITS = 51
_COUNTER = (1 << PARTITION_BITS) - 1
#: The content of these is the user's own.
_OPAQUE = frozenset({"variables", "customHeaders"})


class Kernel:
    """A partition without the parts that make an engine of it. Not thread safe: one thread calls it; nothing in it waits.

    ``now``   gives the time in milliseconds since the epoch; there is no other clock in here
    ``line``  of the real engine, whose refusals it words
    ``tenants``  all tenants of the gateway, each of which has a kernel; ``tenant`` is the one whose
                 this is, and ``log`` is theirs together

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
        tenants: Sequence[str] = (TENANT,),
        tenant: str = TENANT,
        log: Log | None = None,
    ) -> None:
        self.now = now
        self.line = line
        self.tenant = tenant
        self._tenants = tuple(tenants)
        self.log = Log(kept) if log is None else log
        # Some 35 times for each job, so that the default tenant's pay nothing for there being others.
        self._append = self.log.append if tenant == TENANT else self._append_named
        self.schedule = Schedule()
        #: Everything that runs, by key.
        self.instances: dict[int, Instance] = {}
        self.works = Works()
        #: Called when a command and all that follows from it are done.
        self.on_settled: list[Callable[[], None]] = []
        self._handlers: dict[tuple[str, str], Handler] = {("KERNEL", "SPREAD"): self._spread}
        self._max_steps, self._max_depth = max_steps, max_depth
        self._counter = self._tenants.index(tenant) + 1 - len(self._tenants)
        #: When the current command began: the time of its records.
        self._time = 0
        self._chain = Chain(-1)
        self._unfinished: Work | None = None
        self._due: Work | None = None

    def register(self, handlers: Handlers) -> None:
        """Says who carries out the commands of these names; each has one handler."""
        for name, handler in handlers.items():
            value_type, intent = name.split()
            if self._handlers.setdefault((value_type, intent), handler) is not handler:
                raise ValueError(f"{name} has a handler already")

    @property
    def waiting(self) -> list[Command[Any]]:
        """The commands in the queue: first those that follow from the current command, then what waits for its turn."""
        chains = {id(chain): chain for chain in (self._chain, *self.works.chains())}
        return [command for chain in chains.values() for command in chain.queue]

    def __repr__(self) -> str:
        waiting = self.waiting
        listed = "".join(f"\n  {command}" for command in waiting)
        return f"<Kernel at record {self.log.position}, commands that wait: {len(waiting)}{listed}>"

    # --- keys and records ---

    def next_key(self) -> int:
        """A key that was never given before, by no tenant."""
        self._counter += len(self._tenants)
        return (PARTITION << PARTITION_BITS) + self._counter

    def owner(self, key: int) -> str:
        """The tenant whose kernel has given a key: tenants take turns."""
        return self._tenants[((key & _COUNTER) - 1) % len(self._tenants)]

    def named(self, value: Any) -> Any:
        """A record value that says whose it is. All that write one name the default tenant."""
        return value if self.tenant == TENANT else _named(value, self.tenant)

    def _append_named(
        self, source: int, key: int, kind: str, value_type: str, intent: str, value: Any, *rest: Any
    ) -> int:
        return self.log.append(source, key, kind, value_type, intent, _named(value, self.tenant), *rest)

    def event(self, value_type: str, intent: str, key: int, value: dict[str, Any]) -> None:
        """Records that something happened."""
        self._append(self._chain.source, key, EVENT, value_type, intent, value, self._time)

    def refuse(self, command: Command[Any], rejected: Rejected) -> None:
        """Records that a command is not carried out. A handler raises the refusal instead, unless something follows from it."""
        self._append(
            self._chain.source,
            command.key,
            REJECTION,
            command.value_type,
            command.intent,
            command.value,
            self._time,
            rejected.recorded,
            rejected.reason,
        )

    # --- commands ---

    def execute(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], subject: Any = None
    ) -> Any:
        """Carries out a command from outside, and everything that follows from it; returns what its handler does.

        Raises:
            camunda_core.errors.CamundaError: the command was rejected.
        """
        handler = self._handlers[value_type, intent]
        command = Command(value_type, intent, key, value, subject)
        self._time = self.now()
        chain = self._chain = Chain(self._append(-1, key, COMMAND, value_type, intent, value, self._time))
        owned = budget.enter()
        try:
            answer = handler(command)
        except Rejected as refusal:
            rejected = refusal.on(self.line)
            self.refuse(command, rejected)
            raise rejections.error_of(intent, rejected) from None
        finally:
            work = self.works.begin(self._settling(chain), (chain,))
            budget.leave(owned)
            self._unfinished = None if work.done else work
        if chain.broken is not None:
            raise chain.broken
        return answer

    def send(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], subject: Any = None
    ) -> None:
        """Puts a command that follows from the current one into the queue."""
        chain = self._chain
        self._append(chain.source, key, COMMAND, value_type, intent, value, self._time)
        chain.queue.append(Command(value_type, intent, key, value, subject, chain.depth + 1))

    def spread(self, items: Iterable[T], action: Callable[[T], object]) -> None:
        """Does something for each item, as the last thing that the current command does.

        Of many items the rest is done in the next steps, before anything else that follows.
        """
        self._spread(Command("KERNEL", "SPREAD", -1, {}, (iter(items), action), self._chain.depth))

    def _spread(self, command: Command[tuple[Iterator[T], Callable[[T], object]]]) -> None:
        left, action = command.subject
        for item in islice(left, PART):
            action(item)
        for item in left:  # there is more
            action(item)
            self._chain.queue.appendleft(command)
            break

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
            chains: list[Chain] = []
            self._due = self.works.begin(self._all_due(chains), chains)
        return self._due

    @property
    def at_due(self) -> bool:
        """Whether what is due is being done, in turns."""
        return self._due is not None and not self._due.done

    def _all_due(self, chains: list[Chain]) -> Iterator[None]:
        while (action := self.schedule.pop(self.now())) is not None:
            while action is not None:
                command = action()
                if command is not None:
                    chains.append(self._begun(command))
                    if len(chains) % PART == 0:
                        yield
                action = self.schedule.pop(self.now())
            for chain in chains:
                yield from self._settling(chain)
            chains.clear()

    def _begun(self, command: Command[Any]) -> Chain:
        """The chain of a command that time gives."""
        name = command.value_type, command.intent
        chain = Chain(self._append(-1, command.key, COMMAND, *name, command.value, self.now()))
        chain.queue.append(command)
        chain.steps = -1
        return chain

    def _settling(self, chain: Chain) -> Iterator[None]:
        """The steps of all that follows from a command."""
        queue, handlers, now, renew = chain.queue, self._handlers, self.now, budget.renew
        while queue:
            self._chain = chain
            chain.steps += 1
            self._time = now()
            command = queue.popleft()
            chain.depth = command.depth
            renew()
            try:
                handlers[command.value_type, command.intent](command)
            except Rejected as rejected:
                self.refuse(command, rejected)
            except Exception as error:  # a fault of this engine: told, and what else follows goes on
                _logger.exception("%s cannot be carried out", command)
                chain.broken = error
            yield
        for settled in self.on_settled:
            settled()


def _named(value: Any, tenant: str) -> Any:
    """A copy of a record value in which it and all inside it are the tenant's."""
    if isinstance(value, list):
        return [_named(each, tenant) for each in value]
    if not isinstance(value, dict):
        return value
    said = {name: each if name in _OPAQUE else _named(each, tenant) for name, each in value.items()}
    if "tenantId" in said:
        said["tenantId"] = tenant
    if "tenantIds" in said:
        said["tenantIds"] = [tenant]
    return said
