"""What the tests fetch or build once: a folder of this machine that outlives a run.

Items land in ``$CAMUNDA_BRIDGE_CACHE`` (default ``~/.cache/camunda-bridge``), complete or not at all: each is made in a temporary
folder beside its place and renamed, under a lock file, so parallel runs share one download.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_SECONDS = 840.0  # longer than the slowest item takes


class Unavailable(Exception):
    """What this machine lacks (Maven, a JDK, an artifact, a container engine); the text is the reason."""


def folder() -> Path:
    """The cache folder, made when missing."""
    configured = os.environ.get("CAMUNDA_BRIDGE_CACHE")
    place = Path(configured).expanduser() if configured else Path.home() / ".cache" / "camunda-bridge"
    place.mkdir(parents=True, exist_ok=True)
    return place.resolve()


def once(name: str, prepare: Callable[[Path], None]) -> Path:
    """The item's folder; when it is not there, ``prepare`` fills a temporary one that is then renamed."""
    place = folder() / name
    if place.is_dir():
        return place
    with lock(name):
        if not place.is_dir():
            room = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder()))
            try:
                prepare(room)
                room.chmod(0o755)
                room.rename(place)
            finally:
                shutil.rmtree(room, ignore_errors=True)
    return place


@contextmanager
def lock(name: str) -> Iterator[None]:
    """Held by one process at a time.

    Raises:
        Unavailable: another process held it too long.
    """
    locks = folder() / ".locks"
    locks.mkdir(exist_ok=True)
    until = time.monotonic() + LOCK_SECONDS
    with open(locks / name, "w", encoding="ascii") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > until:
                    raise Unavailable(
                        f"another run held the lock of {name} for {LOCK_SECONDS:.0f} s"
                    ) from None
                time.sleep(0.2)
        yield  # closing the file gives the lock back, also when the process is killed
