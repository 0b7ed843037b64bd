"""Work in other threads: they are kept for the next one, hold up nobody, and end."""

from __future__ import annotations

import gc
import multiprocessing
import sys
import threading
import time
import weakref
from collections.abc import Iterator

import pytest

from camunda_core import _elsewhere
from camunda_core._elsewhere import in_time
from camunda_core.errors import DeadlineExceeded


@pytest.fixture(autouse=True)
def _none_idle(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept = list(_elsewhere._idle)
    _elsewhere._idle.clear()
    yield
    _elsewhere._idle.extend(kept)


def _idle_within(seconds: float, count: int) -> bool:
    ends = time.monotonic() + seconds
    while len(_elsewhere._idle) != count:
        if time.monotonic() > ends:
            return False
        time.sleep(0.001)
    return True


def test_a_thread_is_kept_for_the_next_work() -> None:
    idents = set()
    for _ in range(20):
        idents.add(in_time(threading.get_ident, 30))
        assert _idle_within(30, 1)
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_work_that_hangs_holds_up_nobody_and_few_threads_are_kept() -> None:
    gate = threading.Event()
    many = _elsewhere._MOST_IDLE + 3
    for _ in range(many):
        with pytest.raises(DeadlineExceeded):
            in_time(gate.wait, 0.01)
    assert in_time(lambda: "done", 30) == "done"
    before = threading.active_count()
    gate.set()
    assert _idle_within(30, _elsewhere._MOST_IDLE)
    ends = time.monotonic() + 30
    while threading.active_count() > before - (many + 1 - _elsewhere._MOST_IDLE) and time.monotonic() < ends:
        time.sleep(0.001)
    assert threading.active_count() <= before - (many + 1 - _elsewhere._MOST_IDLE)


def test_a_thread_without_work_ends_and_another_one_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_elsewhere, "_IDLE_FOR", 0.01)
    in_time(int, 30)
    assert _idle_within(30, 0)
    assert in_time(lambda: "done", 30) == "done"


def test_what_failed_is_raised_and_nothing_of_it_is_kept() -> None:
    class Token:
        pass

    token = Token()
    seen = weakref.ref(token)

    def fails(held: Token = token) -> None:
        raise ValueError("no token")

    with pytest.raises(ValueError, match="no token"):
        in_time(fails, 30)
    assert _idle_within(30, 1)
    del fails, token
    gc.collect()
    assert seen() is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_process_that_was_forked_begins_threads_of_its_own() -> None:
    in_time(int, 30)
    assert _idle_within(30, 1)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(in_time, (int, 30)).get(60) == 0
