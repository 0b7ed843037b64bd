"""Server processes of a test run: started, watched, and never left behind."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class StartFailed(RuntimeError):
    """A server that is there did not become ready; the text ends with the tail of its log."""


def wait_until(check: Callable[[], T | None], *, seconds: float, what: str, pause: float = 0.05) -> T:
    """The first answer of ``check`` that is not None.

    Raises:
        TimeoutError: there was none within ``seconds``.
    """
    until = time.monotonic() + seconds
    while True:
        answer = check()
        if answer is not None:
            return answer
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not seen within {seconds:g} s")
        time.sleep(pause)


class Process:
    """A child process whose output goes to a log file; it dies with this process, however this process ends.

    Args:
        command: program and arguments.
        environment: the whole environment of the child.
        log: where standard output and error are appended.
    """

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        self._log_start = log.stat().st_size if log.exists() else 0
        with open(log, "ab") as output:
            self._child = subprocess.Popen(
                list(command),
                env=dict(environment),
                cwd=log.parent,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the test run, which then stops its servers in order
            )
        # A killed test run stops nothing. The guard reads a pipe that only we hold open: when we are gone, it
        # ends the server.
        self._guard = subprocess.Popen(
            ["sh", "-c", f"read -r _; kill -9 {self._child.pid}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        if self._child.poll() is None:
            return True
        self._dismiss()
        return False

    def output(self) -> str:
        """What this process has written so far."""
        with open(self._log, "rb") as log:
            log.seek(self._log_start)
            return log.read().decode("utf-8", "replace")

    def tail(self, lines: int = 40, *, without: str | None = None) -> str:
        """The last lines of its log, cut to a readable width; lines that contain ``without`` are left out."""
        kept = [line for line in self.output().splitlines() if without is None or without not in line]
        return "\n".join(line[:300] for line in kept[-lines:])

    def wait_ready(self, check: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Wait until ``check`` holds.

        Raises:
            StartFailed: the process ended, or ``seconds`` passed.
        """

        def settled() -> bool | None:
            if not self.alive:
                return False
            return True if check() else None

        try:
            if wait_until(settled, seconds=seconds, what=what, pause=0.1):
                return
            problem = f"{what} ended with code {self._child.returncode}"
        except TimeoutError:
            problem = f"{what} was not ready after {seconds:g} s"
        raise StartFailed(f"{problem}; the end of its log:\n{self.tail()}")

    def terminate(self, seconds: float) -> bool:
        """Ask it to end (SIGTERM) and wait; True when it did within ``seconds``, else it is killed."""
        if self.alive:
            self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(seconds)
            graceful = True
        except subprocess.TimeoutExpired:
            graceful = False
        self.kill()
        return graceful

    def kill(self) -> None:
        """End it at once (SIGKILL); harmless when it has ended."""
        self._dismiss()
        _end(self._child)

    def _dismiss(self) -> None:
        """End the guard, always before the server's id can belong to another process."""
        _end(self._guard)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
