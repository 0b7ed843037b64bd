"""Secrets that somebody else keeps fresh in files, as Kubernetes does: tokens and client assertions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from camunda_core._files import Stamp, is_settled
from camunda_core._patterns import pattern
from camunda_core._pem import stamp
from camunda_core.errors import AuthenticationError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TokenFile", "read_secret"]

_LARGEST = 64 * 1024
_TOKEN = pattern(r"[\x21-\x7e]+")


def read_secret(path: Path, what: str) -> str:
    """The text of a file, without the blanks around it; ``what`` it should hold is said when it does not.

    Raises AuthenticationError for a file that cannot be read, is empty, larger than 64 KiB, or not ASCII.
    """
    try:
        with path.expanduser().open("rb") as file:
            text = file.read(_LARGEST + 1).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not ASCII text"
        raise AuthenticationError(f"the {what} cannot be read from {path}: {why}", sent=False) from None
    if not text or len(text) > _LARGEST:
        why = f"is larger than {_LARGEST // 1024} KiB" if text else "is empty"
        del text  # this frame is part of the error's traceback
        raise AuthenticationError(f"{path} {why}: it holds no {what}", sent=False)
    return text


class TokenFile:
    """The token in a file that is replaced from time to time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[Stamp | None, str] | None = None

    def read(self) -> str:
        """The token, read again when the file was replaced; AuthenticationError when there is none.

        While somebody writes into it, it is the one before.
        """
        now = stamp(self._path)
        if now is not None and self._read is not None:
            former, token = self._read
            if former == now or (former is not None and not is_settled(now, former)):
                return token
        token = read_secret(self._path, "token")
        if not _TOKEN.fullmatch(token):
            del token  # this frame is part of the error's traceback
            raise AuthenticationError(
                f"{self._path} holds no token: one line of visible ASCII is expected", sent=False
            )
        # One that is still being written is read again, whatever it was.
        self._read = now if now is not None and is_settled(now) else None, token
        return token
