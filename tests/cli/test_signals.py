"""Commands that run until they are ended do end, wherever the signal finds them."""

from __future__ import annotations

import signal
import sys
import time

import pytest

from camunda_cli import _app
from camunda_cli._signals import Terminated, ended_by_signals


class Finalized:
    """In its finalizer, a signal comes."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __del__(self) -> None:
        signal.raise_signal(self._number)


def until_ended(number: int) -> None:
    """Works for a minute after a signal that nobody saw."""
    Finalized(number)
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "kind"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)]
)
def test_a_signal_that_falls_into_a_finalizer_is_not_lost(number: int, kind: type[BaseException]) -> None:
    former = signal.getsignal(signal.SIGTERM), sys.unraisablehook
    with pytest.raises(kind), ended_by_signals():
        until_ended(number)
    assert (signal.getsignal(signal.SIGTERM), sys.unraisablehook) == former


@pytest.mark.parametrize("anew", [False, True], ids=["as it is", "raised anew"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_exit_code_says_which_signal_it_was(
    number: int, code: int, anew: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def main(*_: object, **__: object) -> None:
        try:
            until_ended(number)
        except KeyboardInterrupt:
            if not anew:
                raise
        raise KeyboardInterrupt  # as watchfiles does

    monkeypatch.setattr(_app.app, "main", main)
    assert _app.run(["deploy", ".", "--watch"]) == code
