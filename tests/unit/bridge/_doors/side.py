"""What tests of the sync side wait with: the names of ``aio_side``, for threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from tests.fakes.grpc import until

__all__ = ["Underway", "sleep", "until"]

sleep = time.sleep


class Underway:
    """Work in a thread of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._outcome: Any = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._outcome = self._work()
        except BaseException as error:
            self._outcome = error

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def ended(self, timeout: float = 20) -> Any:
        """What came of it: the result or what it raised."""
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "it goes on for ever"
        return self._outcome
