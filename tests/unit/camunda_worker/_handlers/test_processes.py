# ruff: noqa: ASYNC240 - nothing else waits for these event loops
from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from camunda_core.errors import ConfigurationError
from camunda_worker._errors import BpmnError, JobFailure
from camunda_worker._handlers.importable import default_size, importable, inside_pool, reachable
from camunda_worker._handlers.processes import ProcessCrashed, ProcessPool, RemoteError
from tests.unit.camunda_worker import process_handlers as handlers

#: A bound for what must happen; nothing is measured with it.
SOON = 60.0

on_posix = pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="sends POSIX signals")


async def in_time(awaitable: Any) -> Any:
    return await asyncio.wait_for(awaitable, SOON)


async def await_it(item: Any) -> Any:
    return await item


async def appears(path: Path) -> int:
    """The process id in the file, once it is there."""
    end = time.monotonic() + SOON
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < end, f"{path.name} never came"
        await asyncio.sleep(0.01)
    return int(path.read_text())


async def ends(process_id: int) -> None:
    end = time.monotonic() + SOON
    while is_running(process_id):
        assert time.monotonic() < end, "the process does not end"
        await asyncio.sleep(0.01)


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process_id}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[ProcessPool]:
    made = ProcessPool(1)
    yield made
    made.close()


async def test_a_call_runs_in_another_process_that_serves_many(pool: ProcessPool) -> None:
    first = await in_time(pool.run(handlers.process_id))
    assert first != os.getpid()
    assert await in_time(pool.run(handlers.process_id)) == first
    assert await in_time(pool.run(divmod, 7, 2)) == (3, 1)
    assert await in_time(pool.run(handlers.Doubler(), 4)) == 8
    assert await in_time(pool.run(functools.partial(handlers.Doubler(3).method, 5))) == 15
    assert await in_time(pool.run(handlers.looks_inside_a_pool))
    assert not inside_pool()


async def test_what_a_handler_raises_comes_back_with_its_traceback(pool: ProcessPool) -> None:
    with pytest.raises(BpmnError) as error:
        await in_time(pool.run(handlers.raise_bpmn_error))
    assert (error.value.code, error.value.message, error.value.variables) == (
        "OUT_OF_STOCK",
        "none left",
        {"left": 0},
    )

    with pytest.raises(JobFailure) as failure:
        await in_time(pool.run(handlers.raise_job_failure))
    assert (failure.value.message, failure.value.retries, failure.value.backoff) == ("later", 2, 1.5)

    with pytest.raises(ValueError, match=r"^what the handler said$") as caught:
        await in_time(pool.run(handlers.raise_value_error))
    shown = "".join(traceback.format_exception(caught.value))
    assert 'in raise_value_error\n    raise ValueError("what the handler said")' in shown
    assert "reply_to" not in shown


async def test_what_cannot_be_brought_back_is_told_of(pool: ProcessPool) -> None:
    with pytest.raises(RemoteError, match=r"process_handlers\.Stubborn: 7: no reason") as caught:
        await in_time(pool.run(handlers.raise_stubborn))
    assert "in raise_stubborn" in "".join(traceback.format_exception(caught.value))
    with pytest.raises(RemoteError, match="the handler's result cannot be brought back from its process"):
        await in_time(pool.run(handlers.return_a_lock))
    with pytest.raises(RemoteError, match=r"cannot be read here.*cannot be made again"):
        await in_time(pool.run(handlers.return_unreadable))
    with pytest.raises(TypeError, match="the call cannot be sent to another process"):
        await in_time(pool.run(print, threading.Lock()))
    assert await in_time(pool.run(abs, -1)) == 1


async def test_a_handler_that_exits_ends_its_call_and_not_its_process(pool: ProcessPool) -> None:
    before = await in_time(pool.run(handlers.process_id))
    # Whether the caller lets SystemExit through is the caller's to say; the loop must not see it.
    item = pool.submit(handlers.call_exit)
    caught: list[BaseException] = []

    async def catch() -> None:
        try:
            await item
        except SystemExit as exit:
            caught.append(exit)

    await in_time(catch())
    assert [type(each) for each in caught] == [SystemExit]
    assert await in_time(pool.run(handlers.process_id)) == before


async def test_a_handler_may_have_processes_of_its_own(pool: ProcessPool) -> None:
    assert await in_time(pool.run(handlers.have_a_process)) == 0


@pytest.mark.parametrize(
    ("crash", "exit_code", "message"),
    [
        (handlers.vanish, 3, "ended unexpectedly: exit code 3"),
        pytest.param(
            handlers.be_killed, -9, "SIGKILL, exit code -9; was there too little memory", marks=on_posix
        ),
        pytest.param(handlers.crash_in_c, -11, "SIGSEGV, exit code -11", marks=on_posix),
    ],
)
async def test_a_crash_fails_the_one_call_and_the_process_is_replaced(
    pool: ProcessPool, crash: Any, exit_code: int, message: str
) -> None:
    before = await in_time(pool.run(handlers.process_id))
    doomed, *others = [pool.submit(crash)] + [pool.submit(handlers.process_id) for _ in range(5)]
    with pytest.raises(ProcessCrashed, match=message) as caught:
        await in_time(await_it(doomed))
    assert caught.value.exit_code == exit_code
    after = set(await in_time(asyncio.gather(*others)))
    assert len(after) == 1
    assert before not in after


async def test_a_crash_leaves_the_calls_of_other_processes_alone(tmp_path: Path) -> None:
    pool = ProcessPool(2)
    running = pool.submit(handlers.wait_for, tmp_path / "begun", tmp_path / "let")
    process_id = await appears(tmp_path / "begun")
    with pytest.raises(ProcessCrashed):
        await in_time(pool.run(handlers.vanish))
    (tmp_path / "let").touch()
    assert await in_time(await_it(running)) == process_id
    pool.close()


@on_posix
async def test_a_process_that_died_idle_takes_no_call_with_it(pool: ProcessPool) -> None:
    idle = await in_time(pool.run(handlers.process_id))
    os.kill(idle, signal.SIGKILL)
    await ends(idle)
    assert await in_time(pool.run(handlers.process_id)) != idle


async def test_as_many_calls_as_there_are_processes_run_and_the_others_can_be_taken_back(
    tmp_path: Path,
) -> None:
    pool = ProcessPool(2)
    let = tmp_path / "let"
    items = [pool.submit(handlers.wait_for, tmp_path / str(number), let) for number in range(4)]
    ids = [await appears(tmp_path / "0"), await appears(tmp_path / "1")]
    assert len({*ids, os.getpid()}) == 3
    waiting = asyncio.ensure_future(await_it(items[2]))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await in_time(waiting)
    assert [each.began for each in items] == [True, True, False, False]
    let.touch()
    assert (await in_time(asyncio.gather(items[0], items[1], items[3])))[:2] == ids
    assert not (tmp_path / "2").exists()
    pool.close()


@on_posix
async def test_signals_that_are_meant_for_the_parent_do_not_disturb_a_handler(
    pool: ProcessPool, tmp_path: Path
) -> None:
    item = pool.submit(handlers.wait_for, tmp_path / "begun", tmp_path / "let")
    process_id = await appears(tmp_path / "begun")
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        os.kill(process_id, each)
    (tmp_path / "let").touch()
    assert await in_time(await_it(item)) == process_id


async def test_closing_takes_back_what_waits_and_ends_what_runs(pool: ProcessPool, tmp_path: Path) -> None:
    running = pool.submit(handlers.wait_for, tmp_path / "begun", tmp_path / "let")
    waiting = pool.submit(handlers.process_id)
    process_id = await appears(tmp_path / "begun")
    pool.close()
    with pytest.raises(asyncio.CancelledError):
        await in_time(await_it(waiting))
    with pytest.raises(ProcessCrashed):
        await in_time(await_it(running))
    await ends(process_id)


async def test_closing_with_kill_ends_a_process_whatever_it_does(pool: ProcessPool, tmp_path: Path) -> None:
    running = pool.submit(handlers.wait_for, tmp_path / "begun", tmp_path / "never")
    process_id = await appears(tmp_path / "begun")
    pool.close()
    with pytest.raises(ProcessCrashed):
        await in_time(await_it(running))
    await ends(process_id)


PROGRAM = """
import asyncio, os, pathlib, signal, sys
from camunda_worker._handlers.processes import ProcessPool
from tests.unit.camunda_worker import process_handlers as handlers

def add(left, right):
    return left + right

async def main():
    pool = ProcessPool(1)
    {body}
    pool.close()

{start}
"""
GUARDED = 'if __name__ == "__main__":\n    asyncio.run(main())\n    print("over", flush=True)'


def program(path: Path, body: str, start: str = GUARDED) -> list[str]:
    path.write_text(PROGRAM.format(body=body, start=start))
    return [sys.executable, str(path)]


ROOT = Path(__file__).parents[4]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=SOON, check=False, env=ENVIRONMENT)


def test_a_handler_may_stand_in_the_main_module(tmp_path: Path) -> None:
    ended = run(program(tmp_path / "guarded.py", "print(await pool.run(add, 1, 2), flush=True)"))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "3\nover\n", "")


def test_a_program_without_a_guard_is_told_what_is_missing(tmp_path: Path) -> None:
    ended = run(program(tmp_path / "unguarded.py", "await pool.run(add, 1, 2)", "asyncio.run(main())"))
    assert ended.returncode == 1
    assert "a process for handlers did not start (exit code 1" in ended.stderr
    assert 'under `if __name__ == "__main__":`?' in ended.stderr


def test_a_program_ends_though_a_handler_does_not(tmp_path: Path) -> None:
    body = f"""
    begun = pathlib.Path({str(tmp_path / "begun")!r})
    pool.submit(handlers.wait_for, begun, begun.with_name("never"))
    while not (begun.exists() and begun.read_text()):
        await asyncio.sleep(0.01)"""
    ended = run(program(tmp_path / "hanging.py", body))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "over\n", "")
    assert not is_running(int((tmp_path / "begun").read_text()))


@contextlib.contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """The program, in a session of its own, so that its whole group can be sent a signal."""
    with subprocess.Popen(
        command,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        try:
            yield parent
        finally:
            parent.kill()


@on_posix
async def test_a_process_ends_with_its_parent_even_while_its_handler_runs(tmp_path: Path) -> None:
    body = f"""
    begun = pathlib.Path({str(tmp_path / "begun")!r})
    await pool.run(handlers.wait_for, begun, begun.with_name("never"))"""
    with started(program(tmp_path / "killed.py", body)):
        process_id = await appears(tmp_path / "begun")
    await ends(process_id)


@on_posix
async def test_ctrl_c_reaches_the_parent_alone(tmp_path: Path) -> None:
    body = f"""
    begun = pathlib.Path({str(tmp_path / "begun")!r})
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, begun.with_name("let").touch)
    print(await pool.run(handlers.wait_for, begun, begun.with_name("let")) == int(begun.read_text()), flush=True)"""
    with started(program(tmp_path / "interrupted.py", body)) as parent:
        await appears(tmp_path / "begun")
        os.killpg(parent.pid, signal.SIGINT)
        stdout, stderr = await asyncio.to_thread(parent.communicate, timeout=SOON)
    assert (parent.returncode, stdout, stderr) == (0, "True\nover\n", "")


@on_posix
async def test_ctrl_c_does_not_hit_a_process_that_is_starting(tmp_path: Path) -> None:
    body = f"""
    signal.signal(signal.SIGINT, lambda *_: None)
    pathlib.Path({str(tmp_path / "begun")!r}).write_text(str(os.getpid()))
    for _ in range(3):
        try:
            await pool.run(handlers.vanish)
        except Exception as error:
            print(error.exit_code, flush=True)"""
    with started(program(tmp_path / "starting.py", body)) as parent:
        await appears(tmp_path / "begun")
        communicating = asyncio.ensure_future(asyncio.to_thread(parent.communicate, timeout=SOON))
        while not communicating.done():  # bounded by the timeout
            with contextlib.suppress(ProcessLookupError):  # it is over, and has been waited for
                os.killpg(parent.pid, signal.SIGINT)
            await asyncio.sleep(0.01)
        stdout, stderr = await communicating
    assert (stdout, stderr) == ("3\n3\n3\nover\n", "")


def local() -> Any:
    def inner() -> None: ...

    return inner


@pytest.mark.parametrize(
    "handler",
    [
        lambda: None,
        local(),
        functools.partial(local()),
        type("Local", (), {"__qualname__": "f.<locals>.L"})().__init__,
    ],
)
def test_a_function_without_an_importable_name_is_refused_with_the_way_out(handler: Any) -> None:
    with pytest.raises(
        ConfigurationError,
        match="another process cannot import it: define it with `def` at the top of a module",
    ):
        importable(handler)


@pytest.mark.parametrize(
    "handler",
    [
        handlers.process_id,
        len,
        functools.partial(divmod, 7),
        handlers.Doubler(),
        handlers.Doubler().method,
        handlers.original,
    ],
)
def test_a_function_with_an_importable_name_is_accepted_at_its_definition(handler: Any) -> None:
    importable(handler)


def test_a_name_that_leads_elsewhere_is_refused_once_the_module_is_loaded() -> None:
    reachable(handlers.process_id)
    reachable(handlers.Doubler().method)
    with pytest.raises(ConfigurationError, match="it must be what its name in its module stands for"):
        reachable(handlers.original)


def test_there_is_a_process_for_each_cpu_by_default() -> None:
    assert 1 <= default_size() <= (os.cpu_count() or 1)
