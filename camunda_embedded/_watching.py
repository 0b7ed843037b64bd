"""Who wants to see what every gateway of this process has written, such as a report at the end of a test run."""

from __future__ import annotations

from collections.abc import Callable

from camunda_embedded._mocking import Rehearsing

__all__ = ["closing", "opened", "watch"]

_opened: list[Callable[[Rehearsing], None]] = []
_closing: list[Callable[[Rehearsing], None]] = []


def watch(
    on_open: Callable[[Rehearsing], None], on_close: Callable[[Rehearsing], None]
) -> Callable[[], None]:
    """Calls the first when a gateway has started, and the second before its log is gone, both in the gateway's thread;
    returns what ends that.
    """
    _opened.append(on_open)
    _closing.append(on_close)

    def end() -> None:
        _opened.remove(on_open)
        _closing.remove(on_close)

    return end


def opened(gateway: Rehearsing) -> None:
    """A gateway has started."""
    for tell in tuple(_opened):
        tell(gateway)


def closing(gateway: Rehearsing) -> None:
    """A gateway ends, and its log is still there."""
    for tell in tuple(_closing):
        tell(gateway)
