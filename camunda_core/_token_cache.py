"""Tokens on disk, shared by the processes of one user: for command lines and short jobs, which would
else ask for a token each.

One file for each client, named by a digest of everything that matters (who asks, where, for what,
and with which secret), readable by its owner alone, and replaced as a whole. Whatever is wrong with
a file means that there is none.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
import tempfile
import time
from pathlib import Path

from camunda_core._token_request import TokenAnswer
from camunda_core.errors import ConfigurationError

__all__ = ["TokenCache"]

_log = logging.getLogger(__name__)
_LARGEST = 256 * 1024


class TokenCache:
    """The token of one client in ``directory``, which is made with the first token. ``identity``: the digest."""

    def __init__(self, directory: str | os.PathLike[str], identity: str) -> None:
        if not isinstance(directory, (str, os.PathLike)) or not os.fspath(directory):
            raise ConfigurationError("OAuth: cache must be the path of a folder")
        try:
            self._directory = Path(directory).expanduser()
            fits = self._directory.is_dir() or not self._directory.exists()
        except (OSError, ValueError, RuntimeError) as error:
            raise ConfigurationError(
                f"OAuth: cache is no usable path: {getattr(error, 'strerror', None) or 'not one'}"
            ) from None
        if not fits:
            raise ConfigurationError(f"OAuth: cache {self._directory} is no folder")
        self._file = self._directory / f"{identity}.json"
        self._told = False

    def read(self) -> TokenAnswer | None:
        """The token, with the seconds that it has left; None when there is none that can be used."""
        try:
            with self._file.open("rb") as file:
                about = os.fstat(file.fileno())
                if os.name == "posix" and (
                    about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) & 0o077
                ):
                    self._tell("belongs to somebody else, or can be read by others: it is not used")
                    return None
                found = json.loads(file.read(_LARGEST))
            authorization, expiry = found["authorization"], float(found["expires_at"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        left = expiry - time.time()
        if (
            not isinstance(authorization, str)
            or not authorization.startswith("Bearer ")
            or not 0 < left < 10**9
        ):
            return None
        return TokenAnswer(authorization, left)

    def write(self, answer: TokenAnswer, lifetime: float) -> None:
        """Puts the token, which holds for ``lifetime`` seconds, in place of the one before."""
        content = json.dumps({"authorization": answer.authorization, "expires_at": time.time() + lifetime})
        name = None
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            # mkstemp makes files that their owner alone can read (0600).
            descriptor, name = tempfile.mkstemp(dir=self._directory, prefix=".token-")
            with os.fdopen(descriptor, "w") as file:
                file.write(content)
            os.replace(name, self._file)
        except OSError as error:
            self._tell(f"cannot be written ({error.strerror}): every process asks for a token of its own")
            if name is not None:
                with contextlib.suppress(OSError):
                    os.unlink(name)

    def forget(self, authorization: str | None = None) -> None:
        """Removes the token, or that one alone."""
        if authorization is not None:
            kept = self.read()
            if kept is not None and kept.authorization != authorization:
                return
        with contextlib.suppress(OSError):
            self._file.unlink()

    def _tell(self, what: str) -> None:
        if not self._told:
            self._told = True
            _log.warning("the token cache %s %s", self._file, what)
