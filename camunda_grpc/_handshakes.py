"""Connections that can never be made as they are asked for: how to tell them from a gateway
that is not there yet.

What gRPC's core says of a failed handshake is all there is to go by. It does not say why a gateway
hung up, which is what one with TLS does to a client without: ``speaks_tls`` asks such a gateway.
"""

from __future__ import annotations

from camunda_core import _handshakes
from camunda_core._handshakes import DISTRUSTED, REFUSED, TLS_WANTED
from camunda_core._patterns import pattern
from camunda_core.tls import Tls, way_out

__all__ = ["never_connects", "refuses_us", "speaks_tls", "suspect"]

_HANDSHAKE = pattern(
    r"CERTIFICATE_VERIFY_FAILED|WRONG_VERSION_NUMBER|Hostname Verification Check failed|"
    r"Peer name .* is not in peer certificate|(?:TLSV1|TLSV13|SSLV3)_ALERT|UNSUPPORTED_PROTOCOL"
)
# The last two are of older versions: the other side answered HTTP/1.1, and when it did with 200 they take that for OK.
_FOREIGN = pattern(
    r"Failed parsing HTTP/2|Expected SETTINGS frame|Trying to connect an http1\.x server|last error: OK(?:;|$)"
)
# The last one is an alert of TLS that came after the handshake, as a gateway of TLS 1.3 sends it.
_HUNG_UP = pattern(
    r"last error: \w+: (ipv[46]:[^ ]+|unix:[^ ]+): "
    r"(?:Socket closed|.*Connection reset by peer|Unwrap failed(?: \(TSI_DATA_CORRUPTED\))?)"
)

# What came back from a proxy, whose reason the core keeps to itself.
_BY_PROXY = pattern(r"last error: \w+: (ipv[46]:[^ ]+): HTTP proxy returned response code")


def never_connects(text: str) -> str | None:
    """What to do about a connection that could not be made for a reason that trying again does not heal.

    ``text`` is the core's. None for everything else, such as a gateway that is down.
    """
    for said in (TLS_WANTED, REFUSED, DISTRUSTED):
        if said in text:
            return said
    if _HANDSHAKE.search(text):
        return way_out(text)
    if _FOREIGN.search(text):
        return "this port does not speak gRPC; is it the REST port, or does it speak TLS (https://)?"
    return None


def suspect(text: str) -> str | None:
    """The peer that took a connection and hung up before it said anything, or ``proxy:`` and the
    proxy that made none; None when that is not what happened.
    """
    found = _HUNG_UP.search(text)
    if found is not None:
        return found[1]
    found = _BY_PROXY.search(text)
    return None if found is None else f"proxy:{found[1]}"


def refuses_us(tls: Tls | None, name: str, peer: str, timeout: float) -> str | None:
    """What ``peer`` (of ``suspect``) says of our side of a TLS handshake, and what to do about
    it; None when it has no objection, within ``timeout`` s.

    gRPC's core does not tell what a server says after the handshake, which is when one of TLS 1.3
    asks for a client certificate in vain.
    """
    place = _place(peer)
    if place is None:
        return None
    context = (Tls() if tls is None else tls.current()).ssl_context()
    context.set_alpn_protocols(["h2"])
    said = _handshakes.refusal(context, name, place, timeout)
    if said is None:
        return None
    if said:
        return f"{REFUSED} ({said}); {way_out(said)}"
    # A gateway of grpcio's core says no more than this; but so does a balancer whose gateways are
    # all down, so that trying again may help.
    wanted = "does it ask for a client certificate, tls=Tls(certificate=..., key=...)?"
    trusted = "does it trust the authority of our client certificate?"
    ours = tls is not None and tls.certificate is not None
    return f"the peer hung up right after the TLS handshake; {trusted if ours else wanted}"


def _place(peer: str) -> tuple[str, int] | None:
    from urllib.parse import unquote

    kind, _, address = unquote(peer).partition(":")
    host, _, port = address.rpartition(":")
    return None if kind in ("unix", "proxy") or not port.isdigit() else (host.strip("[]"), int(port))


def speaks_tls(peer: str, timeout: float) -> str | None:
    """What to do when ``peer`` (of ``suspect``) answers a TLS greeting; None when it does
    not, within ``timeout`` s.
    """
    place = _place(peer)
    return None if place is None or not _handshakes.speaks_tls(place, timeout) else TLS_WANTED
