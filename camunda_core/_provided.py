"""Credentials of other people's classes, by what they can do and not by what they derive from."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from camunda_core._elsewhere import in_loop, in_thread, in_time, within
from camunda_core.credentials import Credentials
from camunda_core.errors import AuthenticationError, ConfigurationError

__all__ = ["credentials_of"]


class _Provided(Credentials):
    """Credentials of a class of somebody else's: ``headers``, ``aheaders`` or both."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self._headers: Any = getattr(provider, "headers", None)
        self._aheaders: Any = getattr(provider, "aheaders", None)
        if inspect.iscoroutinefunction(self._headers):
            self._headers, self._aheaders = None, self._aheaders or self._headers

    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        """What the provider's ``headers`` says, else its ``aheaders`` in a loop of its own."""
        if self._headers is not None:
            return _checked(in_time(lambda: self._headers(timeout), timeout))
        return _checked(in_loop(lambda: self._aheaders(timeout), timeout))

    async def aheaders(self, timeout: float | None = None) -> Mapping[str, str]:
        """What the provider's ``aheaders`` says, else its ``headers`` in a thread."""
        if self._aheaders is None:
            return _checked(await in_thread(lambda: self._headers(timeout), timeout))
        return _checked(await within(self._aheaders(timeout), timeout))

    def rejected(self, headers: Mapping[str, str]) -> bool:
        """What the provider's ``rejected`` says; without one, that asking it again can help."""
        ask = getattr(self._provider, "rejected", None)
        return True if ask is None else bool(ask(headers))

    def __repr__(self) -> str:
        return f"{type(self._provider).__name__}(***)"


def _checked(headers: object) -> Mapping[str, str]:
    if not isinstance(headers, Mapping) or not all(
        isinstance(name, str) and isinstance(value, str) for name, value in headers.items()
    ):
        kind = type(headers).__name__
        del headers  # this frame is part of the error's traceback
        raise AuthenticationError(f"credentials must give a mapping of texts, not {kind}", sent=False)
    return headers


def credentials_of(value: object, name: str = "credentials") -> Credentials:
    """``value`` as Credentials: one of ours, or an object with a method ``headers`` or ``aheaders``.

    Raises ConfigurationError for anything else, which it does not show.
    """
    if isinstance(value, Credentials):
        return value
    if not isinstance(value, type) and (
        callable(getattr(value, "headers", None)) or callable(getattr(value, "aheaders", None))
    ):
        return _Provided(value)
    raise ConfigurationError(
        f"{name} must be of camunda_core.credentials, or have a method headers or aheaders, "
        f"not {type(value).__name__}; a token is given as Bearer(token)"
    )
