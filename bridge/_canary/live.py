"""The routes of one client, which may be replaced while it works: whoever decides asks for those of now."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from bridge.routing import Routes

__all__ = ["LiveRoutes", "live"]


class LiveRoutes:
    """Holds the routes. Thread safe: a call sees the former or the new ones, never a mixture."""

    def __init__(self, routes: Routes) -> None:
        self.current = routes
        #: Held by who opens what new routes need, before they are set.
        self.moving = threading.Lock()
        self._lock = threading.Lock()
        self._listeners: list[weakref.WeakMethod[Callable[[], None]]] = []

    def replace(self, routes: Routes) -> None:
        """From the next call on these are the routes."""
        with self._lock:
            self.current = routes
            listeners = [listener() for listener in self._listeners]
            self._listeners = [each for each in self._listeners if each() is not None]
        for listener in listeners:
            if listener is not None:
                listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls a bound method after each change, from whichever thread made it, for as long as its object lives."""
        with self._lock:
            self._listeners.append(weakref.WeakMethod(listener))


def live(routes: Routes | LiveRoutes) -> LiveRoutes:
    """Routes that can be replaced."""
    return routes if isinstance(routes, LiveRoutes) else LiveRoutes(routes)
