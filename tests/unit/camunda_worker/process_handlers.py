"""What the tests of the process pool have processes do: importable, and light to import."""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from camunda_worker._errors import BpmnError, JobFailure
from camunda_worker._handlers.importable import inside_pool

#: Seconds after which a wait is given up.
LONG = 60.0


class Stubborn(Exception):
    """Cannot be made again from its arguments."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")


class Unreadable:
    """Can be sent, and not be read."""

    def __reduce__(self) -> Any:
        return _fail_to_load, ()


def _fail_to_load() -> NoReturn:
    raise LookupError("cannot be made again")


class Doubler:
    def __init__(self, factor: int = 2) -> None:
        self.factor = factor

    def __call__(self, value: int) -> int:
        return self.factor * value

    def method(self, value: int) -> int:
        return self.factor * value


def process_id() -> int:
    return os.getpid()


def looks_inside_a_pool() -> bool:
    return inside_pool()


def raise_bpmn_error() -> NoReturn:
    raise BpmnError("OUT_OF_STOCK", "none left", variables={"left": 0})


def raise_job_failure() -> NoReturn:
    raise JobFailure("later", retries=2, backoff=1.5)


def raise_value_error() -> NoReturn:
    raise ValueError("what the handler said")


def raise_stubborn() -> NoReturn:
    raise Stubborn(7, "no reason")


def call_exit() -> NoReturn:
    sys.exit(3)


def return_a_lock() -> Any:
    return threading.Lock()


def return_unreadable() -> Unreadable:
    return Unreadable()


def have_a_process() -> int | None:
    process = multiprocessing.get_context("spawn").Process(target=abs, args=(-1,))
    process.start()
    process.join(LONG)
    return process.exitcode


def vanish() -> NoReturn:
    os._exit(3)


def be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash_in_c() -> None:
    ctypes.string_at(0)


def wait_for(begun: Path, let: Path) -> int:
    """Writes its process id to ``begun`` and returns it when ``let`` exists."""
    temporary = begun.with_suffix(".part")
    temporary.write_text(str(os.getpid()))
    temporary.rename(begun)
    end = time.monotonic() + LONG
    while not let.exists():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)
    return os.getpid()


def sleep_for_ever(begun: str) -> None:
    """Creates the file and does not end, whatever is raised here."""
    Path(begun).touch()
    while True:
        try:
            time.sleep(LONG)
        except BaseException:
            continue


def raise_what_ends_programs(name: str) -> NoReturn:
    raise {
        each.__name__: each for each in (KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError)
    }[name]("by the handler")


def replaced() -> None:
    """Its name stands for another function."""


original = replaced


def replaced() -> None:  # type: ignore[no-redef]
    """The other function."""
