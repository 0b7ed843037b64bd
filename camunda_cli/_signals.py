"""How a command line is ended: Ctrl-C and SIGTERM, and that neither of them gets lost."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

__all__ = ["Ended", "Terminated", "ended_by_signals"]

#: Seconds after which a signal that was lost is sent again.
_AGAIN = 0.05


class Terminated(KeyboardInterrupt):
    """SIGTERM. Whoever cleans up after Ctrl-C does so after this."""


class Ended:
    """What ended a command. Libraries make a KeyboardInterrupt of their own of what they caught."""

    by_sigterm = False


@contextlib.contextmanager
def ended_by_signals() -> Iterator[Ended]:
    """Inside, SIGTERM is raised in the main thread as Ctrl-C is, and both are sure to arrive.

    Python raises them wherever the main thread just is. Where that is a finalizer (of a connection
    that is collected, say) it prints them and goes on, and a command that runs until it is
    interrupted would go on for ever. So what falls in there is sent again. Commands with handlers of
    their own are not touched.
    """
    ended = Ended()

    def terminate(number: int, frame: Any) -> None:
        ended.by_sigterm = True
        raise Terminated

    former: Any = None
    with contextlib.suppress(ValueError):  # not the main thread
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            former = signal.signal(signal.SIGTERM, terminate)
    told = sys.unraisablehook

    def unraisable(fallen: Any) -> None:
        if isinstance(fallen.exc_value, KeyboardInterrupt):
            number = signal.SIGTERM if isinstance(fallen.exc_value, Terminated) else signal.SIGINT
            again = threading.Timer(_AGAIN, os.kill, (os.getpid(), number))
            again.daemon = True
            again.start()
        else:
            told(fallen)

    sys.unraisablehook = unraisable
    try:
        yield ended
    finally:
        sys.unraisablehook = told
        if former is not None and signal.getsignal(signal.SIGTERM) is terminate:
            signal.signal(signal.SIGTERM, former)
