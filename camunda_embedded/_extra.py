"""What is said where a library is missing that comes with the extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["needed"]

_OWN = ("camunda_embedded", "camunda_core", "camunda_grpc", "bridge")


@contextmanager
def needed() -> Iterator[None]:
    """Turns the failure to import a library of the extra into one that names the extra.

    Raises:
        ImportError: the library is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in _OWN:
            raise
        raise ImportError(
            f"the embedded gateway needs {error.name}: install it with pip install 'camunda-bridge[embedded]'",
            name=error.name,
        ) from None
