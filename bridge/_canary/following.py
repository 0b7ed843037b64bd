"""Routes from a file that is watched, so that a running program moves without being started again."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from bridge.routing import Routes
from camunda_core._arguments import flag, shown
from camunda_core._files import SETTLED, Stamp, is_settled, stamp
from camunda_core.deadline import setting
from camunda_core.errors import CamundaError, ConfigurationError

__all__ = ["RouteFile", "follow_routes"]

log = logging.getLogger("bridge")


class _Routed(Protocol):
    @property
    def routes(self) -> Routes: ...

    @routes.setter
    def routes(self, routes: str | Mapping[str, str] | Routes) -> None: ...


def follow_routes(
    client: _Routed, file: str | os.PathLike[str], *, interval: float = 1.0, hangup: bool = True
) -> RouteFile:
    """Sets the routes of a client to what the file says, now and whenever it changes, until it is closed.

    ``client``    a ``bridge.Client``, an ``AsyncClient`` or a channel; the workers of a client move with it
    ``file``      text: routes as everywhere, on one line or on several; what follows a ``#`` is a comment
    ``interval``  seconds between looks at the file
    ``hangup``    SIGHUP makes it be read at once (once nobody has written into it for 0.2 s); only where this is
                  called from the main thread, and there is that signal

    What comes back is a context manager with ``close()``. A file that cannot be read, is empty, or has routes that cannot work, is
    logged as an error, and the former routes stay. Raises ConfigurationError when that is so at the first reading.
    """
    if not hasattr(client, "routes"):
        raise ConfigurationError(f"client must be a client or a channel of bridge, not {shown(client)}")
    flag(hangup, "hangup")
    if not isinstance(file, (str, os.PathLike)):
        raise ConfigurationError(f"file must be a path, not {shown(file)}")
    return RouteFile(client, Path(file), setting(interval, "interval", least=0.001), hangup)


class RouteFile:
    """What ``follow_routes`` gives."""

    def __init__(self, client: _Routed, file: Path, interval: float, hangup: bool) -> None:
        self._client = client
        self._file = file
        self._interval = interval
        self._seen: Stamp | None = None
        self._closed = False
        self._look = threading.Event()
        self._former: Any = None
        self._listens = False
        self._said = ""
        try:
            state = stamp(self._file)
            client.routes = self._read()
            self._seen = state if is_settled(state) else None
        except OSError as error:
            raise ConfigurationError(
                f"file {file!s:.200}: the routes cannot be read: {error.strerror}"
            ) from None
        except ValueError as error:  # no UTF-8, or a path that cannot be one
            raise ConfigurationError(f"file {shown(str(file))}: the routes cannot be read: {error}") from None
        if hangup and hasattr(signal, "SIGHUP"):
            with contextlib.suppress(ValueError):  # not the main thread
                self._former = signal.signal(signal.SIGHUP, self._hung_up)
                self._listens = True
        self._thread = threading.Thread(target=self._watch, name="camunda-routes", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Follows no longer; the routes stay as they are."""
        if self._closed:
            return
        self._closed = True
        self._look.set()
        self._thread.join()
        if self._listens and signal.getsignal(signal.SIGHUP) == self._hung_up:
            with contextlib.suppress(ValueError):
                signal.signal(signal.SIGHUP, self._former or signal.SIG_DFL)

    def __enter__(self) -> RouteFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hung_up(self, number: int, frame: FrameType | None) -> None:
        self._seen = None
        self._look.set()
        if callable(self._former):
            self._former(number, frame)

    def _watch(self) -> None:
        pause = self._interval
        while not self._closed:
            self._look.wait(pause)
            self._look.clear()
            if self._closed:
                return
            pause = self._interval
            try:
                state = stamp(self._file)
                if state == self._seen:
                    continue
                if not is_settled(state):  # half of what is being written may be routes as well
                    pause = min(self._interval, SETTLED)
                    continue
                self._seen = state
                former = str(self._client.routes)
                self._client.routes = self._read()
            except (OSError, ValueError, CamundaError, ConfigurationError) as error:
                if str(error) != self._said:  # a file that is gone is said once
                    log.error("%s: the routes stay as they are: %s", self._file, error)
                self._said = str(error)
                continue
            self._said = ""
            log.info("routes: %s (they were: %s)", self._client.routes, former)

    def _read(self) -> str:
        lines = self._file.read_text(encoding="utf-8").splitlines()
        found = ", ".join(filter(None, (line.partition("#")[0].strip().rstrip(",") for line in lines)))
        if not found:  # as whoever writes it leaves it for a moment; nobody asks for the defaults like this
            raise ConfigurationError(f"file {self._file!s:.200} holds no routes")
        return found
