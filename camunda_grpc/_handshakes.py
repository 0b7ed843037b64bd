"""Connections that can never be made as they are asked for: how to tell them from a gateway
that is not there yet.

What gRPC's core says of a failed handshake is all there is to go by. It does not say why a gateway
hung up, which is what one with TLS does to a client without: ``speaks_tls`` asks such a gateway.
"""

from __future__ import annotations

import re
import socket
import ssl
from urllib.parse import unquote

from camunda_core.tls import way_out

__all__ = ["never_connects", "speaks_tls", "suspect"]

_HANDSHAKE = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|WRONG_VERSION_NUMBER|Hostname Verification Check failed|"
    r"Peer name .* is not in peer certificate|TLSV1_ALERT|SSLV3_ALERT"
)
# The last two are of older versions: the other side answered HTTP/1.1, and when it did with 200 they take that for OK.
_FOREIGN = re.compile(
    r"Failed parsing HTTP/2|Expected SETTINGS frame|Trying to connect an http1\.x server|last error: OK(?:;|$)"
)
_TLS_WANTED = "this port speaks TLS: write https:// or grpcs://"
_HUNG_UP = re.compile(
    r"last error: \w+: (ipv[46]:[^ ]+|unix:[^ ]+): (?:Socket closed|.*Connection reset by peer)"
)


def never_connects(text: str) -> str | None:
    """What to do about a connection that could not be made for a reason that trying again does not heal.

    ``text`` is the core's. None for everything else, such as a gateway that is down.
    """
    if _TLS_WANTED in text:
        return _TLS_WANTED
    if _HANDSHAKE.search(text):
        return way_out(text)
    if _FOREIGN.search(text):
        return "this port does not speak gRPC; is it the REST port, or does it speak TLS (https://)?"
    return None


def suspect(text: str) -> str | None:
    """The peer that took a plaintext connection and hung up before it said anything; None when
    that is not what happened.
    """
    found = _HUNG_UP.search(text)
    return None if found is None else found[1]


def speaks_tls(peer: str, timeout: float) -> str | None:
    """What to do when ``peer`` (of ``suspect``) answers a TLS greeting; None when it does
    not, within ``timeout`` s.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent but the greeting
    kind, _, address = unquote(peer).partition(":")
    host, _, port = address.rpartition(":")
    if kind == "unix":
        return None
    try:
        with (
            socket.create_connection((host.strip("[]"), int(port)), timeout=timeout) as plain,
            context.wrap_socket(plain),
        ):
            return _TLS_WANTED
    except ssl.SSLError as error:
        # Whoever answers a greeting with an alert speaks TLS as well.
        return _TLS_WANTED if "ALERT" in (error.reason or "") else None
    except (OSError, ValueError):
        return None
