"""The rehearsal itself: takes what was sent, judges it aside, counts, and reports."""

from __future__ import annotations

import atexit
import logging
import os
import random
import tempfile
import threading
import time
import weakref
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bridge._rehearsal.judging import CARRIED_NOT, Finding, Judge
from bridge._rehearsal.report import Counted, Report
from bridge._table.mapping import ROWS
from bridge._table.versions import Version, parse_version
from camunda_core._arguments import share, shown
from camunda_core.deadline import setting
from camunda_core.errors import ConfigurationError

__all__ = ["Rehearsal"]

log = logging.getLogger("bridge.rehearsal")

#: So many requests wait for judgement at most, of so many bytes together, of so many each.
_MOST, _MOST_BYTES, _LARGEST = 10_000, 32 * 2**20, 2**20
#: More places than these are counted as one.
_MOST_SITES, _OTHERS = 1000, "(other places)"
#: Judged in one go, and the pause after it (s): a call that waits for Python's lock gets it in between.
_AT_ONCE, _PAUSE = 16, 0.001
#: Seconds of rest when nothing waits any more, and how many of them there are before the thread waits to be woken: a busy
#: program need not wake it for each request.
_REST, _RESTS = 0.1, 20
_LONGEST_SETTLING = 10.0
_SAMPLED, _CROWDED, _HUGE = "sampled out", "too many at once", "larger than 1 MiB"


class Rehearsal:
    """Counts what the requests of a program would meet over REST, while they go over gRPC.

    ``cluster_version``  "8.8": what the cluster can read. None is what the answers to ``Topology`` show; until one was
                         seen, each property that is newer than 8.6 is a finding
    ``sample``           the share of the requests that is judged, above 0 and up to 1
    ``file``             where the report is written: every ``interval`` seconds in which something was judged, and at the
                         end; ``.json`` is for programs, anything else Markdown
    ``on_finding``       called with (RPC, place, name) the first time that something blocking is found somewhere,
                         from a thread of the rehearsal's
    ``metrics``          count in OpenTelemetry too: True, or a meter provider

    Requests are judged in a thread of its own, after they were sent: a call is neither altered nor held up. Requests of
    more than 1 MiB, and those for which the thread has no time, are counted and not judged. No value of a request is
    kept. Each finding is logged once (``bridge.rehearsal``), a blocking one as a warning. Thread safe; one rehearsal may
    serve many channels. Raises ConfigurationError for what cannot be.
    """

    def __init__(
        self,
        *,
        cluster_version: str | Version | None = None,
        sample: float = 1.0,
        file: str | os.PathLike[str] | None = None,
        interval: float = 60.0,
        on_finding: Callable[[str, str, str], object] | None = None,
        metrics: Any = False,
    ) -> None:
        self._sample, self._interval = share(sample, "sample"), setting(interval, "interval", least=0.001)
        if on_finding is not None and not callable(on_finding):
            raise ConfigurationError(f"on_finding must be a function, not {shown(on_finding)}")
        self._version = None if cluster_version is None else parse_version(cluster_version)
        self._given = self._version is not None
        if file is not None and not isinstance(file, (str, os.PathLike)):
            raise ConfigurationError(f"file must be a path, not {shown(file)}")
        self._file = None if file is None else Path(file)
        self._on_finding = on_finding
        self._meters: Any = None
        if metrics is not False:
            from bridge._rehearsal.meters import Meters

            self._meters = Meters(None if metrics is True else metrics)
        self._waiting: deque[tuple[str, bytes, str]] = deque()
        self._bytes = 0
        self._judges: dict[str, Judge] = {}
        self._unknown: dict[str, tuple[Finding, ...]] = {}
        #: By RPC and place, and there by the identity of what was found, which judges keep.
        self._tallies: dict[tuple[str, str], dict[int, _Counted]] = {}
        self._told: set[tuple[str, str, Finding]] = set()
        self._left_out: Counter[str] = Counter()
        self._lock = threading.Lock()  # of what was counted
        self._starting = threading.Lock()
        self._there = threading.Event()
        self._idle = True
        self._judging = False
        self._settling = 0
        self._thread: threading.Thread | None = None
        self._unwritten = False
        _at_exit(self)

    # What a channel tells; on the way of a call, so it does next to nothing

    def takes(self, data: bytes) -> bool:
        """Whether a request that is about to go out is judged; if not, that is counted."""
        if self._sample < 1.0 and random.random() >= self._sample:
            self._leave_out(_SAMPLED)
            return False
        size = len(data)
        if size > _LARGEST or len(self._waiting) >= _MOST or self._bytes + size > _MOST_BYTES:
            self._leave_out(_HUGE if size > _LARGEST else _CROWDED)
            return False
        return True

    def sent(self, rpc: str, data: bytes, site: str) -> None:
        """A request that is taken goes out, from this place of the program."""
        self._bytes += len(data)
        self._waiting.append((rpc, data, site))
        if self._idle:
            self._wake()

    def learnt(self, gateway_version: str) -> None:
        """An answer to ``Topology`` names the cluster's version."""
        if not self._given:
            try:
                self._version = parse_version(gateway_version)
            except ConfigurationError:
                log.debug("the topology names no readable version")

    def _leave_out(self, why: str) -> None:
        with self._lock:
            self._left_out[why] += 1

    # Reading it

    def report(self) -> Report:
        """What was found so far; what was sent before this call is judged first (10 s at most)."""
        self.settle()
        return self._so_far()

    def _so_far(self) -> Report:
        calls: Counter[tuple[str, str]] = Counter()
        found: Counter[tuple[str, str, Finding]] = Counter()
        with self._lock:
            for (rpc, site), tally in self._tallies.items():
                for counted in tally.values():
                    calls[rpc, site] += counted.count
                    for finding in counted.findings:
                        found[rpc, site, finding] += counted.count
            left_out = dict(self._left_out)
        version = "" if self._version is None else f"{self._version[0]}.{self._version[1]}"
        rows = tuple(Counted(*key, count) for key, count in found.most_common())
        return Report(dict(calls.most_common()), rows, left_out, version)

    def settle(self) -> None:
        """Waits until all that was sent is judged, 10 s at most."""
        until = time.monotonic() + _LONGEST_SETTLING
        self._settling += 1
        try:
            while (self._waiting or self._judging) and time.monotonic() < until:
                self._wake()
                time.sleep(0.005)
        finally:
            self._settling -= 1

    def close(self) -> None:
        """Judges what waits, writes the file, and logs the sum. It may go on being used."""
        if not self._thread and not self._waiting:
            return
        self.settle()
        self._write()
        report = self.report()
        log.info(
            "rehearsal: %d requests judged, %d of them would fail over REST",
            report.judged,
            sum(each.count for each in report.blocking),
        )

    # The thread

    def _wake(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=_run,
                        args=(weakref.ref(self), self._there),
                        name="camunda-rehearsal",
                        daemon=True,
                    )
                    self._thread.start()
        self._there.set()

    def _forked(self) -> None:
        """In a child process the thread is gone; what waited is the parent's to judge."""
        self._lock, self._starting, self._there = threading.Lock(), threading.Lock(), threading.Event()
        self._waiting.clear()
        self._bytes, self._idle, self._judging, self._thread = 0, True, False, None

    def _turn(self) -> bool:
        """Judges some of what waits; False when nothing does."""
        self._judging = True
        try:
            for done in range(_AT_ONCE):
                try:
                    rpc, data, site = self._waiting.popleft()
                except IndexError:
                    return done > 0
                self._bytes = max(0, self._bytes - len(data)) if self._waiting else 0
                self._judge(rpc, data, site)
            return True
        finally:
            self._judging = False

    def _judge(self, rpc: str, data: bytes, site: str) -> None:
        try:
            judge = self._judges.get(rpc)
            if judge is None:
                if rpc not in ROWS:
                    text = "the protocol that this library knows has no such RPC"
                    unknown = Finding(CARRIED_NOT, rpc, text, "upgrade camunda-bridge")
                    self._count(rpc, site, self._unknown.setdefault(rpc, (unknown,)))
                    return
                judge = self._judges[rpc] = Judge(rpc)
            self._count(rpc, site, judge.judge(data, self._version))
        except Exception:
            # A request that the native wire took must not end the rehearsal of all others.
            log.exception("a request of %s could not be judged", rpc)
            self._leave_out("could not be judged")

    def _count(self, rpc: str, site: str, findings: tuple[Finding, ...]) -> None:
        new = False
        with self._lock:
            tally = self._tallies.get((rpc, site))
            if tally is None:
                if len(self._tallies) >= _MOST_SITES:
                    site = _OTHERS
                tally = self._tallies.setdefault((rpc, site), {})
            counted = tally.get(id(findings))
            if counted is None:
                new = True
                counted = tally[id(findings)] = _Counted(findings)
            counted.count += 1
            self._unwritten = True
        if self._meters is not None:
            self._meters.count(rpc, site, findings)
        if new:
            for finding in findings:
                if (rpc, site, finding) not in self._told:
                    self._told.add((rpc, site, finding))
                    self._tell(rpc, site, finding)

    def _tell(self, rpc: str, site: str, finding: Finding) -> None:
        level = logging.WARNING if finding.blocking else logging.DEBUG
        log.log(level, "%s at %s: %s (%s): %s", rpc, site, finding.kind, finding.name, finding.text)
        if finding.blocking and self._on_finding is not None:
            try:
                self._on_finding(rpc, site, finding.name)
            except Exception:
                log.exception("on_finding failed")

    def _write(self) -> None:
        if self._file is None or not self._unwritten:
            return
        self._unwritten = False
        report = self._so_far()
        text = report.json() if self._file.suffix == ".json" else report.markdown()
        try:
            _replace(self._file, text)
        except OSError as error:
            log.warning("the report cannot be written to %s: %s", self._file, error)

    def __repr__(self) -> str:
        return f"Rehearsal({self._so_far().judged} judged)"


class _Counted:
    """How many requests met just this."""

    __slots__ = ("count", "findings")

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        self.count = 0


def _run(owner: weakref.ref[Rehearsal], there: threading.Event) -> None:
    """The judging thread. It ends when its rehearsal is dropped."""
    written = time.monotonic()
    while True:
        there.wait(1.0)
        rehearsal = owner()
        if rehearsal is None or rehearsal._there is not there:
            return
        interval = rehearsal._interval
        there.clear()
        rehearsal._idle = False
        rests = 0
        while rests < _RESTS:
            rests = 0 if rehearsal._turn() else rests + 1
            there.clear()
            if len(rehearsal._waiting) >= _AT_ONCE or rehearsal._settling:
                time.sleep(_PAUSE)
            else:
                there.wait(_REST)
            if time.monotonic() - written >= interval:
                written = time.monotonic()
                rehearsal._write()
        rehearsal._idle = True
        if rehearsal._waiting:  # came in between
            there.set()
        if time.monotonic() - written >= interval:
            written = time.monotonic()
            rehearsal._write()
        del rehearsal


def _replace(file: Path, text: str) -> None:
    """Writes the file whole, or not at all."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with open(handle, "w", encoding="utf-8") as out:
            out.write(text)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise


_open: weakref.WeakSet[Rehearsal] = weakref.WeakSet()


def _at_exit(rehearsal: Rehearsal) -> None:
    if not _open:
        atexit.unregister(_close_all)
        atexit.register(_close_all)
    _open.add(rehearsal)


def _forget_threads() -> None:
    for each in list(_open):
        each._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)


def _close_all() -> None:
    for each in list(_open):
        each.close()
