"""The jobs of the gateway, with the broker's rules, and the ledger of what became of each of them.

Everything runs in one event loop, so that nothing here needs a lock. Times are seconds of ``time.monotonic``.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.fakes.gateway.watch import Watch

__all__ = ["DEFAULT_WAIT", "Activation", "Entry", "Poll", "Push", "Rejected", "Store", "Struck"]

#: Seconds that the server waits for jobs when a poll does not say.
DEFAULT_WAIT = 10.0
#: Seconds between two looks for jobs whose lock has run out.
SWEEP = 0.05
# The first partition's keys begin here.
_FIRST_KEY = 2251799813685249


class Rejected(Exception):
    """The engine refuses a command: ``intent`` is the command's name, ``code`` the kind of the refusal."""

    def __init__(self, intent: str, code: str, reason: str) -> None:
        super().__init__(f"Command '{intent}' rejected with code '{code}': {reason}")
        self.intent = intent
        self.code = code
        self.reason = reason


@dataclass
class Activation:
    """A job was locked for a worker, by a poll or by a push; ``delivered`` is False when the client had gone by then."""

    at: float
    how: str
    worker: str
    deadline: float
    delivered: bool = True


@dataclass
class Entry:
    """A job, and its line in the ledger. ``state``: waiting, locked, backing off, completed, incident, error."""

    key: int
    type: str
    variables: dict[str, Any]
    retries: int
    created: float
    state: str = "waiting"
    worker: str = ""
    deadline: float = 0.0
    activations: list[Activation] = field(default_factory=list)
    completions: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    extensions: int = 0
    refused: list[str] = field(default_factory=list)
    ended: float = 0.0

    def line(self) -> dict[str, Any]:
        """As a test reads it."""
        return asdict(self)


class Struck(Exception):
    """A poll that was waiting meets a fault of this kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Poll:
    """A request for jobs that may have to wait: ``jobs`` is done when it has ended, with what it brought."""

    def __init__(self, job_type: str, worker: str, timeout: float, most: int) -> None:
        self.type = job_type
        self.worker = worker
        self.timeout = timeout
        self.most = most
        self.jobs: asyncio.Future[list[Entry]] = asyncio.get_running_loop().create_future()
        self.abandoned = False  # nobody will read the answer, and the server does not know


class Push:
    """An open job stream. ``take`` is offered a job and says whether the transport had room for it."""

    def __init__(self, job_type: str, worker: str, timeout: float, take: Callable[[Entry], bool]) -> None:
        self.type = job_type
        self.worker = worker
        self.timeout = timeout
        self.take = take


class Store:
    """All jobs. ``watch`` hears of whatever happens to one."""

    def __init__(self) -> None:
        self.jobs: dict[int, Entry] = {}
        self.watch = Watch()
        self.yields = 0
        self.polls: dict[str, list[Poll]] = defaultdict(list)
        self._waiting: dict[str, deque[Entry]] = defaultdict(deque)
        self._pushes: dict[str, deque[Push]] = defaultdict(deque)
        self._keys = itertools.count(_FIRST_KEY)
        self._locked: dict[int, Entry] = {}
        self._backing_off: dict[int, tuple[float, Entry]] = {}

    async def sweep(self) -> None:
        """Takes jobs back whose lock has run out; runs until it is cancelled."""
        while True:
            await asyncio.sleep(SWEEP)
            now = time.monotonic()
            for entry in [each for each in self._locked.values() if each.deadline <= now]:
                self._offer(entry)
            for due, entry in list(self._backing_off.values()):
                if due <= now and entry.state == "backing off":
                    self._offer(entry)

    def add(
        self, job_type: str, variables: Iterable[Mapping[str, Any]], *, retries: int = 3, push: bool = True
    ) -> list[int]:
        """Creates jobs, one for each set of variables; ``push`` False leaves them to polls, as if they were older."""
        keys = []
        for each in variables:
            entry = Entry(next(self._keys), job_type, dict(each), retries, time.monotonic())
            self.jobs[entry.key] = entry
            keys.append(entry.key)
            self._offer(entry, push=push, serve=False)
        self._serve(job_type)
        return keys

    # Ways out of the store

    def poll(self, job_type: str, worker: str, timeout: float, most: int) -> Poll:
        """A poll that is over when there are jobs; the caller ends it after its time with ``end``."""
        poll = Poll(job_type, worker, timeout, most)
        self.polls[job_type].append(poll)
        self._serve(job_type)
        self.watch.changed()
        return poll

    def end(self, poll: Poll) -> None:
        """The poll's time is over: it ends with what it has."""
        if poll in self.polls[poll.type]:
            self.polls[poll.type].remove(poll)
        if not poll.jobs.done():
            poll.jobs.set_result([])
        self.watch.changed()

    def strike(self, job_type: str, kind: str) -> int:
        """A fault meets the polls that are waiting, before they bring anything; how many there were."""
        polls, self.polls[job_type] = self.polls[job_type], []
        for poll in polls:
            if not poll.jobs.done():
                poll.jobs.set_exception(Struck(kind))
        return len(polls)

    def take_back(self, poll: Poll) -> None:
        """The poll has been cancelled, and the server has noticed: what it was to bring waits again."""
        self.end(poll)
        for entry in [] if poll.jobs.exception() else poll.jobs.result():
            if entry.state == "locked":
                entry.activations.pop()
                self._offer(entry)

    def lost(self, jobs: Iterable[Entry]) -> None:
        """The answer with these jobs did not arrive."""
        for entry in jobs:
            entry.activations[-1].delivered = False

    def open(self, push: Push) -> None:
        self._pushes[push.type].append(push)
        self.watch.changed()

    def close(self, push: Push) -> None:
        if push in self._pushes[push.type]:
            self._pushes[push.type].remove(push)
        self.watch.changed()

    def streams(self, job_type: str) -> int:
        return len(self._pushes[job_type])

    # Commands

    def complete(self, key: int, variables: Any) -> None:
        entry = self._find(key, "COMPLETE", "complete", {"waiting", "locked", "backing off"})
        entry.completions.append({"at": time.monotonic(), "variables": variables})
        self._leave(entry, "completed")

    def fail(self, key: int, retries: int, message: str, back_off: float, variables: Any = None) -> None:
        entry = self._find(key, "FAIL", "fail", {"waiting", "locked", "backing off"})
        entry.failures.append(
            {
                "at": time.monotonic(),
                "before": entry.retries,
                "retries": retries,
                "message": message,
                "back_off": back_off,
            }
        )
        entry.retries = retries
        if variables:
            entry.variables.update(variables)
        self._leave(entry, "incident")
        if retries > 0 and back_off > 0:
            entry.state = "backing off"
            self._backing_off[key] = (time.monotonic() + back_off, entry)
        elif retries > 0:
            self._offer(entry)

    def throw(self, key: int, code: str, message: str, variables: Any = None) -> None:
        entry = self._find(key, "THROW_ERROR", "throw an error for", {"waiting", "locked", "backing off"})
        entry.errors.append(
            {"at": time.monotonic(), "code": code, "message": message, "variables": variables}
        )
        self._leave(entry, "error")

    def extend(self, key: int, timeout: float, intent: str) -> None:
        entry = self._find(key, intent, "update", {"waiting", "locked", "backing off", "incident"})
        if entry.state != "locked":
            code = "INVALID_STATE" if intent == "UPDATE_TIMEOUT" else "INVALID_ARGUMENT"
            reason = f"Expected to update the timeout of job with key '{key}', but it is not active"
            raise Rejected(intent, code, reason)
        entry.extensions += 1
        entry.deadline = entry.activations[-1].deadline = time.monotonic() + timeout

    def set_retries(self, key: int, retries: int, intent: str) -> None:
        self._find(key, intent, "update", {"waiting", "locked", "backing off", "incident"}).retries = retries

    # What there is to see

    def locked(self, job_type: str) -> list[int]:
        """The keys of the jobs of a type that are locked for a worker now."""
        return [entry.key for entry in self._locked.values() if entry.type == job_type]

    def type_of(self, key: int) -> str:
        entry = self.jobs.get(key)
        return entry.type if entry else ""

    def _find(self, key: int, intent: str, verb: str, states: set[str]) -> Entry:
        entry = self.jobs.get(key)
        if entry is None or entry.state in ("completed", "error"):
            if entry is not None:
                entry.refused.append(intent)
            reason = f"Expected to {verb} job with key '{key}', but no such job was found"
            if intent == "THROW_ERROR":
                reason = f"Expected to throw an error for job with key '{key}', but no such job was found"
            raise Rejected(intent, "NOT_FOUND", reason)
        if entry.state not in states:
            entry.refused.append(intent)
            reason = f"Expected to {verb} job with key '{key}', but it is in state 'FAILED'"
            raise Rejected(intent, "INVALID_STATE", reason)
        return entry

    def _leave(self, entry: Entry, state: str) -> None:
        if entry.state == "waiting":
            self._waiting[entry.type].remove(entry)
        self._locked.pop(entry.key, None)
        self._backing_off.pop(entry.key, None)
        entry.state = state
        entry.ended = time.monotonic()
        self.watch.changed()

    def _offer(self, entry: Entry, *, push: bool = True, serve: bool = True) -> None:
        """A job has become activatable: it is pushed to a stream that has room, else it waits for a poll."""
        self._locked.pop(entry.key, None)
        self._backing_off.pop(entry.key, None)
        entry.state = "waiting"
        pushes = self._pushes[entry.type]
        for _ in range(len(pushes) if push else 0):
            target = pushes[0]
            pushes.rotate(-1)
            activation = self._lock(entry, "push", target.worker, target.timeout)
            if target.take(entry):
                self.watch.changed()
                return
            entry.activations.remove(activation)
            self._locked.pop(entry.key)
            entry.state = "waiting"
            self.yields += 1
        self._waiting[entry.type].append(entry)
        if serve:
            self._serve(entry.type)
        self.watch.changed()

    def _serve(self, job_type: str) -> None:
        polls, waiting = self.polls[job_type], self._waiting[job_type]
        while polls and waiting:
            poll = polls.pop(0)
            if poll.jobs.done():
                continue
            jobs = [waiting.popleft() for _ in range(min(poll.most, len(waiting)))]
            for entry in jobs:
                self._lock(entry, "poll", poll.worker, poll.timeout).delivered = not poll.abandoned
            poll.jobs.set_result(jobs)

    def _lock(self, entry: Entry, how: str, worker: str, timeout: float) -> Activation:
        now = time.monotonic()
        activation = Activation(now, how, worker, now + timeout)
        entry.activations.append(activation)
        entry.state, entry.worker, entry.deadline = "locked", worker, now + timeout
        self._locked[entry.key] = entry
        self.watch.changed()
        return activation
