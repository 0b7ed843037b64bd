"""The limit of ``_pressure`` for asyncio."""

from __future__ import annotations

import asyncio
import time

from camunda_rest._pressure import Pressure, Window

__all__ = ["AsyncGate"]


class _Task:
    """A task that waits for its turn: the future says whether it came."""

    def __init__(self) -> None:
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def admit(self) -> bool:
        return self._end(True)

    def expire(self) -> None:
        self._end(False)

    def _end(self, came: bool) -> bool:
        if self.turn.done():
            return False
        self.turn.set_result(came)
        return True


class AsyncGate:
    """The limit of an asyncio client, for one event loop."""

    def __init__(self) -> None:
        self._window = Window()

    @property
    def state(self) -> Pressure:
        """How things stand."""
        return self._window.state

    async def enter(self, timeout: float | None) -> float | None:
        """Waits for a place, at most ``timeout`` seconds; the moment for ``leave``, None when the time was over first."""
        window = self._window
        if window.enters():
            return time.monotonic()
        place = _Task()
        window.waiting.append(place)
        # Not wait_for: it loses a cancellation that comes when the turn has come.
        timer = None if timeout is None else place.turn.get_loop().call_later(timeout, place.expire)
        try:
            came = await place.turn
        except asyncio.CancelledError as error:
            if place in window.waiting:
                window.waiting.remove(place)
            elif not place.turn.cancelled() and place.turn.result():
                window.left(time.monotonic(), error)  # to the next one
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if not came and place in window.waiting:
            window.waiting.remove(place)
        return time.monotonic() if came else None

    def leave(self, entered: float, error: BaseException | None = None) -> None:
        """Gives the place back, with how the call ended."""
        self._window.left(entered, error)
