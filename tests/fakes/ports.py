"""Ports that nobody else comes upon: where nobody listens, and where somebody will again.

The kernel hands out ports for listeners on port 0 and for the near end of every connection. One that it once
handed out may be another's a moment later: of another test, or of the very client that dials it and then
talks to itself. So these are from below the range from which kernels take theirs, and each process has a
slice of its own, which it holds by listening on the first port of it.
"""

from __future__ import annotations

import atexit
import itertools
import random
import socket
from collections.abc import Iterator

__all__ = ["free_port"]

#: Linux takes its own from 32768 on, others from 49152.
_FIRST, _SLICES, _SLICE = 20_000, 24, 500


def _slice() -> Iterator[int]:
    """The ports of this process, for ever, beginning anywhere; one that was free just now is not given again soon."""
    starts = random.SystemRandom().sample(range(_FIRST, _FIRST + _SLICES * _SLICE, _SLICE), _SLICES)
    mine = starts[0]  # where all are held, it is shared
    for start in starts:
        try:
            held = socket.create_server(("127.0.0.1", start))
        except OSError:
            continue
        atexit.register(held.close)
        mine = start
        break
    return itertools.cycle(range(mine + 1, mine + _SLICE))


_ports = _slice()


def free_port(host: str = "127.0.0.1") -> int:
    """A port of ``host`` on which nobody listens, and nobody will but who is told of it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in itertools.islice(_ports, _SLICE):
        try:
            socket.create_server((host.strip("[]"), port), family=family).close()
        except OSError:
            continue
        return port
    raise AssertionError(f"no port of {host} is free")
