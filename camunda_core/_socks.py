"""Connections through a SOCKS proxy, for whatever opens its own: the same library, the same words
and the same rules on every wire.

``socks5://`` and ``socks4://`` look names up here, ``socks5h://`` and ``socks4a://`` at the proxy.
"""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import unquote, urlsplit

from camunda_core.errors import ConfigurationError

__all__ = ["SOCKS_PORT", "ProxyFailure", "aio_connected", "check_socks", "connected", "is_socks"]

#: Seconds that connecting may take where nothing else is said.
_LONGEST = 60.0
#: Where a proxy listens whose URL has no port.
SOCKS_PORT = 1080


class ProxyFailure(ConnectionError):
    """A proxy made no connection. Its text says which proxy, and why; it holds no password.

    ``lasting``  whether trying again cannot help
    """

    def __init__(self, text: str, *, lasting: bool = False) -> None:
        super().__init__(text)
        self.lasting = lasting


def is_socks(proxy: str | None) -> bool:
    """Whether a proxy's URL is that of a SOCKS proxy."""
    return proxy is not None and proxy.lower().startswith("socks")


def check_socks(proxy: str) -> None:
    """ConfigurationError where a SOCKS proxy is asked for, and what it needs is not installed."""
    try:
        import python_socks.async_.asyncio
        import python_socks.sync  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(
            f"{_place(proxy)} is a SOCKS proxy, which needs python-socks: "
            f"pip install 'camunda-bridge[socks]' ({error})"
        ) from None


def connected(proxy: str, host: str, port: int, limit: float | None) -> socket.socket:
    """A connection to ``host`` that ``proxy`` made. Waits ``limit`` seconds at most for each thing
    that the proxy has to say.

    Raises OSError; of a name that cannot be looked up here ``socket.gaierror``.
    """
    from python_socks.sync import Proxy

    try:
        made: socket.socket = Proxy(*_arguments(proxy)).connect(host, port, limit or _LONGEST)
    except Exception as error:
        failure = _failure(error, proxy)
    else:
        made.settimeout(limit)
        return made
    raise failure  # out here, so that it carries nothing of the library's


async def aio_connected(proxy: str, host: str, port: int, limit: float | None) -> socket.socket:
    """The same without blocking, within ``limit`` seconds altogether."""
    from python_socks.async_.asyncio import Proxy

    try:
        made: socket.socket = await Proxy(*_arguments(proxy)).connect(host, port, limit or _LONGEST)
    except Exception as error:
        failure = _failure(error, proxy)
    else:
        return made
    raise failure


def _arguments(proxy: str) -> tuple[Any, ...]:
    from python_socks import ProxyType

    parts = urlsplit(proxy)
    scheme = parts.scheme.lower()
    kind = ProxyType.SOCKS4 if scheme.startswith("socks4") else ProxyType.SOCKS5
    name = None if parts.username is None else unquote(parts.username)
    password = None if name is None else unquote(parts.password or "")
    return (
        kind,
        parts.hostname or "",
        parts.port or SOCKS_PORT,
        name,
        password,
        scheme in ("socks5h", "socks4a"),
    )


def _place(proxy: str) -> str:
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{proxy.rpartition('@')[2].rpartition('/')[2]}"


def _failure(error: Exception, proxy: str) -> OSError:
    """What went wrong, in words that hold no password."""
    from python_socks import ProxyConnectionError, ProxyError

    where = f"the proxy {_place(proxy)}"
    if isinstance(error, TimeoutError) or type(error).__name__ == "ProxyTimeoutError":
        return ProxyFailure(f"{where} did not answer in time")
    if isinstance(error, ProxyConnectionError):
        return ProxyFailure(f"{where} cannot be reached: {error.strerror or error}")
    if isinstance(error, ProxyError):
        return ProxyFailure(f"{where} answered: {error}")
    if isinstance(error, OSError):  # a name that was looked up here, or a connection that broke
        return error
    return ProxyFailure(f"{where} cannot be used: {error}")
