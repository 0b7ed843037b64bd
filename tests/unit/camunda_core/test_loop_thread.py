"""Blocking callers and the loop in which their calls are made."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from camunda_core._loop_thread import LoopThread, loop_thread
from camunda_core.errors import InvalidRequest

WHO = contextvars.ContextVar("WHO", default="nobody")


async def _where() -> int:
    return threading.get_ident()


def test_all_callers_share_one_thread_which_holds_up_no_exit() -> None:
    found: list[int] = []
    callers = [
        threading.Thread(target=lambda: found.append(loop_thread().wait_for(_where))) for _ in range(8)
    ]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    (thread,) = [each for each in threading.enumerate() if each.ident == found[0]]
    assert thread.daemon


def test_calls_run_beside_each_other() -> None:
    async def made() -> tuple[asyncio.Event, asyncio.Event]:
        return asyncio.Event(), asyncio.Event()

    one, other = loop_thread().wait_for(made)

    async def meet(mine: asyncio.Event, theirs: asyncio.Event) -> bool:
        mine.set()
        return await theirs.wait()

    beside = threading.Thread(target=lambda: loop_thread().wait_for(lambda: meet(one, other)))
    beside.start()
    assert loop_thread().wait_for(lambda: meet(other, one))
    beside.join()


def test_the_context_is_that_of_the_caller() -> None:
    async def asked() -> str:
        await asyncio.sleep(0)
        return WHO.get()

    token = WHO.set("me")
    try:
        assert loop_thread().wait_for(asked) == "me"
    finally:
        WHO.reset(token)
    assert loop_thread().wait_for(asked) == "nobody"


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), asyncio.CancelledError()])
def test_what_a_call_raises_is_raised_where_it_was_made(error: BaseException) -> None:
    async def fails() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        loop_thread().wait_for(fails)
    assert caught.value is error
    assert loop_thread().wait_for(_where)  # it goes on


def test_what_interrupts_the_waiting_cancels_the_call() -> None:
    begun, ended = threading.Event(), threading.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.set()
            raise

    def interrupt() -> None:
        assert begun.wait(20)
        signal.pthread_kill(main, signal.SIGINT)

    main = threading.main_thread().ident
    assert main is not None
    beside = threading.Thread(target=interrupt)
    beside.start()
    with pytest.raises(KeyboardInterrupt):
        loop_thread().wait_for(endless)
    beside.join()
    assert ended.wait(20)


def test_a_call_that_would_wait_for_itself_is_refused() -> None:
    async def again() -> None:
        loop_thread().wait_for(_where)

    with pytest.raises(InvalidRequest, match="in another thread"):
        loop_thread().wait_for(again)


def test_work_that_nobody_waits_for_is_done() -> None:
    done = threading.Event()

    async def work() -> None:
        done.set()

    loop_thread().later(work)
    assert done.wait(20)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_a_loop_of_its_own() -> None:
    parent = loop_thread()
    assert parent.wait_for(_where)
    child = os.fork()
    if child == 0:
        os._exit(_in_time(lambda: loop_thread() is not parent and bool(loop_thread().wait_for(_where))))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert loop_thread() is parent
    assert parent.wait_for(_where)


def _in_time(check: Callable[[], Any]) -> int:
    """0 for something true, within 20 s."""
    signal.alarm(20)
    return 0 if check() else 1


@pytest.mark.skipif(
    sys.platform == "win32", reason="a wait in steps is for Windows, and tried with steps elsewhere"
)
def test_a_wait_in_steps_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camunda_core._loop_thread._STEP", 0.01)

    async def slow() -> float:
        await asyncio.sleep(0.05)
        return time.monotonic()

    assert LoopThread().wait_for(slow)
