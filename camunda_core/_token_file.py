"""A token that somebody else keeps fresh in a file, as Kubernetes does."""

from __future__ import annotations

import re
from pathlib import Path

from camunda_core.errors import AuthenticationError

__all__ = ["TokenFile"]

_LARGEST_TOKEN = 64 * 1024
_TOKEN = re.compile(r"[\x21-\x7e]+")


class TokenFile:
    """The token in a file that is replaced from time to time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[object, str] | None = None

    def read(self) -> str:
        """The token, read again when the file was replaced; AuthenticationError when there is none."""
        try:
            found = self._path.expanduser().stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            kept = self._read
            if kept is not None and kept[0] == stamp:
                return kept[1]
            with self._path.expanduser().open("rb") as file:
                token = file.read(_LARGEST_TOKEN + 1).decode("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not ASCII text"
            raise AuthenticationError(
                f"the token cannot be read from {self._path}: {why}", sent=False
            ) from None
        if not token or len(token) > _LARGEST_TOKEN or not _TOKEN.fullmatch(token):
            del token  # this frame is part of the error's traceback
            raise AuthenticationError(
                f"{self._path} holds no token: one line of visible ASCII is expected", sent=False
            )
        self._read = stamp, token
        return token
