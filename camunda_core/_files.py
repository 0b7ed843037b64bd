"""Files that somebody else replaces while we run: tokens, certificates, routes.

Who replaces a file by renaming another one over it shows us either the one or the other. Who writes
into it shows us its beginning for a moment, which may well be something that works: a routes file
that is cut off behind ``CompleteJob=rest`` moves everything where ``:5%`` was to follow. So what is
read again goes by one rule: a file that was written into just now is looked at again later, and
until then what it said before holds.
"""

from __future__ import annotations

import os
import time
from typing import NamedTuple

__all__ = ["SETTLED", "Stamp", "is_settled", "stamp"]

#: Seconds without a change after which a file counts as written.
SETTLED = 0.2


class Stamp(NamedTuple):
    """What changes when a file is replaced, be it by turning a link."""

    modified_ns: int
    size: int
    inode: int


def stamp(path: str | os.PathLike[str]) -> Stamp:
    """The stamp of a file as it is now. Raises OSError, and ValueError or RuntimeError for what is no path."""
    from pathlib import Path

    found = Path(path).expanduser().stat()
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ino)


def is_settled(now: Stamp, former: Stamp | None = None) -> bool:
    """Whether nobody seems to be writing the file.

    Of one that took the place of the ``former`` that is taken for granted, since its name comes last.
    """
    if former is not None and former.inode != now.inode:
        return True
    age = time.time() - now.modified_ns / 1e9
    return not 0 <= age < SETTLED  # a clock that was put back must not make a file new for hours
