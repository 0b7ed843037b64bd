"""What proxies of both ways are: their settings, the pages beside the door, and how they say how they are."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from camunda_core._arguments import instance, shown
from camunda_core.errors import CamundaError, ConfigurationError
from camunda_proxy._door_tls import DoorTls
from camunda_proxy._limits import InFlight, Limits
from camunda_proxy._metrics import Metrics
from camunda_proxy._page import Page

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Standing", "bracketed"]

log = logging.getLogger("camunda_proxy")

READY, DRAINING, NO_ANSWER = "ready", "draining", "no answer from the cluster"
#: Seconds that a page may wait for the cluster.
_LOOK = 2.0


class Standing:
    """A proxy without its door, which the class that inherits from this one opens and closes."""

    def __init__(
        self,
        *,
        upstream: str,
        listen: str,
        page: str | None,
        door_tls: DoorTls | None,
        limits: Limits | None,
        own_credentials: bool,
    ) -> None:
        self.limits = Limits() if limits is None else instance(Limits, limits, "limits", "Limits")
        self._listen = _host_and_port(listen, "listen")
        self._page_at = None if page is None else _host_and_port(page, "page")
        if door_tls is not None:
            instance(DoorTls, door_tls, "door_tls", "a DoorTls")
        self._door_tls = door_tls
        self._own = own_credentials
        self._upstream = upstream
        self._in_flight = InFlight(self.limits)
        self.metrics = Metrics(self._in_flight)
        self._page: Page | None = None
        #: Where the door is, and where the pages are, once they are open.
        self.address = ""
        self.page_address: str | None = None

    async def start(self) -> None:
        """Opens the door and the pages. Raises ConfigurationError where a port cannot be had."""
        raise NotImplementedError

    async def stop(self, grace: float = 10.0) -> None:
        """Closes them; calls under way may take ``grace`` seconds more."""
        raise NotImplementedError

    def _is_draining(self) -> bool:
        raise NotImplementedError

    async def _look(self, timeout: float) -> None:
        """Asks the cluster how it is; raises a CamundaError where it does not say."""
        raise NotImplementedError

    async def state(self) -> str:
        """``ready``, ``draining``, or ``no answer from the cluster``."""
        if self._is_draining():
            return DRAINING
        try:
            await self._look(_LOOK)
        except CamundaError as error:
            # A cluster that wants to know who is asking answers all the same.
            return READY if error.answered else NO_ANSWER
        return READY

    def _warn_of_an_open_door(self) -> None:
        host, port = self._listen
        if (
            self._own
            and not _is_loopback(host)
            and (self._door_tls is None or self._door_tls.clients is None)
        ):
            log.warning(
                "whoever reaches %s:%s acts with the proxy's credentials: ask clients for certificates, or "
                "listen on loopback",
                host,
                port,
            )

    async def _open_page(self) -> None:
        if self._page_at is None:
            return
        host, port = self._page_at
        self._page = Page(self.metrics, self._in_flight, self.state, upstream=self._upstream)
        try:
            opened = await self._page.start(host, port, self.address)
        except OSError as error:
            await self.stop(0.0)
            raise ConfigurationError(f"page: {host}:{port} cannot be opened: {error.strerror}") from None
        self.page_address = f"http://{bracketed(host)}:{opened}"

    async def _close_page(self) -> None:
        if self._page is not None:
            await self._page.stop()
            self._page = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.address or ':'.join(map(str, self._listen))} -> {self._upstream})"
        )


def _host_and_port(given: str, name: str) -> tuple[str, int]:
    host, colon, port = given.rpartition(":") if isinstance(given, str) else ("", "", "")
    if not colon or not port.isascii() or not port.isdigit() or len(port) > 5 or int(port) > 65535:
        raise ConfigurationError(f'{name} must be "host:port", as 127.0.0.1:26500, not {shown(given)}')
    return host.strip("[]") or "0.0.0.0", int(port)


def bracketed(host: str) -> str:
    """A host as an address has it."""
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
