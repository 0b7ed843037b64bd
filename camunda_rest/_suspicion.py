"""Why a gateway hangs up that has never answered: whether it wants TLS, or a client certificate.

Over HTTP/1.1 neither is told from a connection that broke. So it is asked, as over gRPC, once by one
call at a time, and no more from its first answer on, or over HTTP/2 from its first word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ssl import SSLContext
from urllib.parse import urlsplit

from camunda_core._handshakes import TLS_WANTED, refusal, speaks_tls
from camunda_core._outbound import proxy_for
from camunda_core.tls import Tls, way_out
from camunda_rest._invocation import Failure, NoAnswer

__all__ = ["Suspicion", "suspicion"]


def suspicion(
    addresses: Iterable[str],
    proxy: str | None,
    tls: Tls | None,
    trust: Callable[[], SSLContext | None],
    *,
    trust_env: bool,
) -> Suspicion | None:
    """A client's; None where a proxy is on the way, which hangs up for reasons of its own."""
    if any(proxy_for(each, proxy, trust_env=trust_env) is not None for each in addresses):
        return None
    return Suspicion(None if tls is None else tls.server_name, trust)


class Suspicion:
    """What a client suspects of its gateways. ``server_name`` is whom their certificates must name, where
    that is not the host; ``trust`` gives the context of TLS.
    """

    def __init__(self, server_name: str | None, trust: Callable[[], SSLContext | None]) -> None:
        self._server_name, self._trust = server_name, trust
        #: Whether an answer has come: then whoever hangs up has another reason.
        self.answered = False
        self._asking = False
        self._found: dict[str, NoAnswer] = {}

    def asks(self, outcome: NoAnswer, address: str) -> bool:
        """Whether ``examined`` should say what there is behind this end of an attempt. The caller who is
        told so has to call that.
        """
        if outcome.spoken:
            self.answered = True
        if self.answered or self._asking or outcome.how is not Failure.LOST or address in self._found:
            return False
        self._asking = True
        return True

    def known(self, outcome: NoAnswer, address: str) -> NoAnswer:
        """``outcome``, or what was found out of this address before."""
        if self.answered or outcome.how is not Failure.LOST:
            return outcome
        return self._found.get(address, outcome)

    def examined(self, outcome: NoAnswer, address: str, timeout: float) -> NoAnswer:
        """``outcome``, or one that says why the gateway hung up. Blocks for up to ``timeout`` seconds."""
        try:
            said = self._asked(address, timeout) if timeout > 0 else None
        finally:
            self._asking = False
        if said is None:
            return outcome
        found = NoAnswer(Failure.UNTRUSTED, f"{address} ended the connection: {said}", outcome.cause)
        self._found[address] = found._replace(cause=None)
        return found

    def _asked(self, address: str, timeout: float) -> str | None:
        parts = urlsplit(address)
        host, secure = parts.hostname or "", parts.scheme == "https"
        place = (host, parts.port or (443 if secure else 80))
        if not secure:
            return TLS_WANTED if speaks_tls(place, timeout) else None
        context = self._trust()
        alert = None if context is None else refusal(context, self._server_name or host, place, timeout)
        return f"TLS failed: {alert}; {way_out(alert)}" if alert else None
