"""PEM as people give it: bytes, text that holds a BEGIN line, or the path of a file."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from camunda_core import _files
from camunda_core._files import Stamp
from camunda_core._patterns import pattern
from camunda_core.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Pem", "identity", "is_encrypted", "origin", "read_pem", "stamp"]

#: PEM as bytes or text (recognised by its BEGIN line), or the path of a PEM file.
Pem = bytes | str | os.PathLike[str]

_BLOCK = pattern(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATES = (b"CERTIFICATE", b"X509 CERTIFICATE")
_LARGEST_FILE = 8 * 1024 * 1024


def stamp(pem: object) -> Stamp | None:
    """What changes when the file is replaced, be it by turning a link; None for what is no file."""
    if pem is None or isinstance(pem, bytes) or (isinstance(pem, str) and "-----BEGIN" in pem):
        return None
    try:
        return _files.stamp(pem)  # type: ignore[arg-type]
    except (OSError, ValueError, RuntimeError, TypeError):
        return None


def read_pem(owner: str, argument: str, pem: Pem | None) -> tuple[bytes | None, bytes | None]:
    """The certificates and the private keys in ``pem``, without the prose that may stand around them."""
    if pem is None:
        return None, None
    if isinstance(pem, bytes):
        content = pem
    elif isinstance(pem, str) and "-----BEGIN" in pem:
        content = pem.encode("utf-8", "replace")
    elif isinstance(pem, (str, os.PathLike)):
        from pathlib import Path

        content = _read_file(owner, argument, Path(pem))
    else:
        raise ConfigurationError(
            f"{owner}: {argument} must be PEM as bytes or text, or a path, not {type(pem).__name__}"
        )
    blocks = [(match[1], match[0]) for match in _BLOCK.finditer(content)]
    if not blocks:
        raise ConfigurationError(
            f"{owner}: {argument} {origin(pem)} is not PEM (no -----BEGIN … line); "
            "a DER, JKS or PKCS#12 file must be converted first, with openssl for instance"
        )
    certificates = b"\n".join(block for label, block in blocks if label in _CERTIFICATES)
    keys = b"\n".join(block for label, block in blocks if label.endswith(b"PRIVATE KEY"))
    return (certificates + b"\n" if certificates else None), (keys + b"\n" if keys else None)


def _read_file(owner: str, argument: str, path: Path) -> bytes:
    try:
        with path.expanduser().open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise ConfigurationError(f"{owner}: {argument} {origin(path)} cannot be read: {reason}") from error
    if len(content) > _LARGEST_FILE:
        raise ConfigurationError(
            f"{owner}: {argument} {origin(path)} is larger than {_LARGEST_FILE // 2**20} MiB: not a PEM file"
        )
    return content


def origin(pem: Pem | None) -> str:
    """The file's name, or that there is none; never the content."""
    if isinstance(pem, bytes) or pem is None or (isinstance(pem, str) and "-----BEGIN" in pem):
        return "(given as PEM)"
    path = os.fspath(pem)
    return path if len(path) <= 300 else f"{path[:300]}…"


def identity(pem: Pem | None) -> str:
    """What tells this material from another: the path of a file, whatever it holds now, else a digest of the PEM."""
    if pem is None:
        return ""
    if isinstance(pem, bytes) or (isinstance(pem, str) and "-----BEGIN" in pem):
        import hashlib

        content = pem.encode("utf-8", "replace") if isinstance(pem, str) else pem
        return f"digest {hashlib.sha256(content).hexdigest()}"
    return f"file {os.fspath(pem)}"


def is_encrypted(key: bytes) -> bool:
    """Whether a password is needed to use this key."""
    return b"ENCRYPTED" in key
