"""The way to a port: name, proxy, connection, TLS, and what is spoken there. No library of either wire is used, so that each
step can be told from the next.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from camunda_cli._doctor.findings import Budget, Stop
from camunda_core._addresses import grpc_target, rest_base
from camunda_core._outbound import environment_proxy
from camunda_core._socks import SOCKS_PORT, ProxyFailure, check_socks, connected, is_socks
from camunda_core._tls_proxy import is_tls, login_of, proxy_failure, proxy_trust
from camunda_core._tunnel import Tunnel
from camunda_core.config import Settings
from camunda_core.errors import ConfigurationError
from camunda_core.tls import Tls

__all__ = ["Place", "Way", "clock_skew", "masked", "place_of"]

#: Days before the end of a certificate from which it is spoken of.
_SOON = 14
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"  # and empty SETTINGS
_TLS_ALERT = (b"\x15\x03", b"\x16\x03")


@dataclass(frozen=True)
class Place:
    """Where a wire ends: ``path`` is that of the REST API. ``host`` is "" where gRPC resolves the target itself."""

    wire: str
    host: str
    port: int
    secure: bool
    path: str = ""
    tls: Tls | None = None
    name: str = ""

    @property
    def url(self) -> str:
        """As a URL, which is what proxies are chosen by."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"

    @property
    def port_named(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"


def place_of(wire: str, address: str, settings: Settings) -> Place:
    """Where an address leads. Raises ConfigurationError."""
    if wire == "rest":
        parts = urlsplit(rest_base(address))
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        tls = settings.rest_tls if secure else None
        return Place(wire, parts.hostname or "", port, secure, parts.path, tls, _name(tls, parts.hostname))
    target, secure = grpc_target(address)
    if re.match(r"[a-z0-9-]+:[^\d]|(ipv[46]|unix|vsock|xds|dns):", target):
        return Place(wire, "", 0, secure)
    host, _, port_text = target.rpartition(":")
    host = host.strip("[]")
    tls = settings.grpc_tls
    secure = secure or (tls is not None and not address.startswith(("grpc:", "http:")))
    return Place(wire, host, int(port_text), secure, "", tls, settings.authority or _name(tls, host))


def _name(tls: Tls | None, host: str | None) -> str:
    return (tls.server_name if tls is not None else None) or host or ""


def masked(url: str) -> str:
    """A URL without the password in it."""
    return re.sub(r"//[^/@]*@", "//***@", url)


class Way:
    """The steps to one place, in their order; each says what it saw, and raises Stop where it ends."""

    def __init__(self, place: Place, budget: Budget) -> None:
        self.place = place
        self._budget = budget
        self._proxy: str | None = None
        self.date = ""
        self.at = 0.0

    def dns(self) -> str:
        """The host has an address."""
        proxy = environment_proxy(self.place.url)
        host = urlsplit(proxy).hostname if proxy else self.place.host
        assert host is not None
        found: list[Any] = []

        def ask() -> None:
            try:
                found.append(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                found.append(error)

        asking = Thread(
            target=ask, daemon=True
        )  # nothing else ends a question to a name server that is silent
        asking.start()
        asking.join(self._budget.one())
        if not found:
            raise Stop(
                f"the name server does not answer for {host}", "look at the machine's DNS, or at its VPN"
            )
        if isinstance(found[0], Exception):
            raise Stop(
                f"{host} does not resolve: {found[0]}",
                "is the name spelt right, and is it known here (VPN, Kubernetes namespace, /etc/hosts)?",
            )
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found[0]))
        return f"{host} is {', '.join(addresses[:4])}"

    def proxy(self) -> str:
        """The proxy of the environment, if there is one, takes us there."""
        self._proxy = environment_proxy(self.place.url)
        if self._proxy is None:
            return "none"
        if is_socks(self._proxy):
            try:
                check_socks(self._proxy)
            except ConfigurationError as error:
                raise Stop(str(error), "pip install 'camunda-bridge[socks]'") from None
        with self._connected("the proxy"):
            pass
        return masked(self._proxy)

    @contextlib.contextmanager
    def _connected(self, what: str = "") -> Iterator[socket.socket]:
        """A connection to the place, through the proxy where there is one."""
        through = self.place.secure or self.place.wire == "grpc"
        way, tunnel = self._proxy, None
        if is_tls(way) and through and what != "the proxy":
            tunnel = Tunnel.through(way or "", self.place.tls)
            way = tunnel.url
        proxy, socks = urlsplit(way) if way else None, is_socks(way)
        host, port = (
            (
                proxy.hostname or "",
                proxy.port or (443 if proxy.scheme == "https" else SOCKS_PORT if socks else 80),
            )
            if proxy is not None
            else (self.place.host, self.place.port)
        )
        limit = self._budget.one()
        try:
            if socks and what != "the proxy":
                sock = connected(self._proxy or "", self.place.host, self.place.port, limit)
            else:
                sock = socket.create_connection((host, port), timeout=limit)
                if is_tls(way):
                    sock = self._secured(sock, way or "")
        except ProxyFailure as error:
            raise Stop(
                str(error),
                "it wants credentials in its URL, or has to allow this host and port; NO_PROXY goes around it",
            ) from None
        except TimeoutError:
            raise Stop(
                f"{what or host}:{port} does not answer within {limit:.0f} s",
                "a firewall drops the packets, or the host is down",
            ) from None
        except OSError as error:
            reason = error.strerror or error
            mend = (
                "is the proxy right? HTTP_PROXY and HTTPS_PROXY name it, NO_PROXY exempts a host"
                if proxy is not None
                else "is the gateway up, and is this its port? gRPC usually has 26500, REST 8080"
            )
            raise Stop(f"{host}:{port} cannot be connected to: {reason}", mend) from None
        with sock:
            if proxy is not None and not socks and what != "the proxy" and through:
                self._tunnel(sock, way or "")
            yield sock
        del tunnel  # which had to be held until here

    def _secured(self, sock: socket.socket, proxy: str) -> socket.socket:
        context, host = proxy_trust(self.place.tls)(), urlsplit(proxy).hostname
        assert context is not None
        try:
            return context.wrap_socket(sock, server_hostname=host)
        except OSError as error:
            sock.close()
            raise proxy_failure(error, proxy) from None

    def _tunnel(self, sock: socket.socket, proxy: str) -> None:
        lines = [f"CONNECT {self.place.port_named} HTTP/1.1", f"Host: {self.place.port_named}"]
        login = login_of(proxy)
        if login is not None:
            lines.append(f"Proxy-Authorization: {login}")
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))
        head = _read(sock, b"\r\n\r\n").decode("latin-1")
        status = re.match(r"HTTP/1\.[01] (\d+)", head)
        if status is None or status[1] != "200":
            raise Stop(
                f"the proxy does not let us through to {self.place.port_named}: {head.splitlines()[0] if head else 'it hangs up'}",
                "it wants credentials in its URL, or has to allow this host and port; NO_PROXY goes around it",
            )

    def tcp(self) -> str:
        """Something listens."""
        began = time.perf_counter()
        with self._connected():
            return (
                f"{self.place.port_named} takes connections, in {(time.perf_counter() - began) * 1000:.0f} ms"
            )

    @contextlib.contextmanager
    def _wrapped(self) -> Iterator[socket.socket]:
        with self._connected() as sock:
            if not self.place.secure:
                yield sock
                return
            context = (self.place.tls or Tls()).ssl_context()
            context.set_alpn_protocols(["h2"] if self.place.wire == "grpc" else ["http/1.1"])
            sock.settimeout(self._budget.one())
            try:
                wrapped = context.wrap_socket(sock, server_hostname=self.place.name)
            except ssl.SSLCertVerificationError as error:
                raise Stop(
                    f"its certificate is not trusted: {error.verify_message}", _certificate(error)
                ) from None
            except (ssl.SSLError, OSError) as error:
                raise Stop(*self._handshake(error)) from None
            with wrapped:
                yield wrapped

    def _handshake(self, error: Exception) -> tuple[str, str]:
        text = str(error)
        if re.search("WRONG_VERSION|RECORD_LAYER|PACKET_LENGTH|HTTP_REQUEST", text):
            plain = "grpc" if self.place.wire == "grpc" else "http"
            return "this port speaks no TLS", f"write {plain}://{self.place.port_named}"
        if re.search("(?i)alert.*(certificate|handshake failure|unknown ca)|CERTIFICATE_REQUIRED", text):
            return _client_certificate(text)
        if re.search("(?i)alert.*(no application protocol)", text):
            return "it takes no HTTP/2 here", "let the ingress pass HTTP/2 on: gRPC needs it"
        if isinstance(error, TimeoutError):
            return (
                "it takes the connection, and is silent about TLS",
                f"write {self.place.url.replace('https', 'http')}",
            )
        return f"the TLS handshake fails: {text}", "does it want a client certificate? CAMUNDA_MTLS_CERT_PATH"

    def tls(self) -> str:
        """Its certificate is one for this name, and trusted; or there is no TLS."""
        if not self.place.secure:
            return "none: plaintext"
        with self._wrapped() as sock:
            assert isinstance(sock, ssl.SSLSocket)
            certificate = sock.getpeercert() or {}
            version, protocol = sock.version(), sock.selected_alpn_protocol()
        if self.place.wire == "grpc" and protocol != "h2":
            raise Stop(
                "whoever ends TLS here speaks no HTTP/2",
                "an ingress or a proxy stands before the gateway: set it up for gRPC, or use --rest",
            )
        ends = ssl.cert_time_to_seconds(str(certificate["notAfter"])) if "notAfter" in certificate else 0.0
        days = (ends - time.time()) / 86400
        note = f"; its certificate ends in {days:.0f} days" if days < _SOON and ends else ""
        return f"{version}, trusted for {self.place.name}{note}"

    def http2(self) -> str:
        """HTTP/2 is spoken: the server's settings come back."""
        with self._wrapped() as sock:
            sock.settimeout(self._budget.one())
            try:
                sock.sendall(_PREFACE)
                answer = _exactly(sock, 9)
            except TimeoutError:
                raise Stop(
                    "it is silent", "is this the port of gRPC, and does it need TLS (grpcs://)?"
                ) from None
            except (ssl.SSLError, OSError) as error:
                raise Stop(*self._hung_up(error)) from None
        if answer.startswith(b"HTTP/"):
            raise Stop(
                "it speaks HTTP/1.1, not HTTP/2",
                "is this the port of REST? gRPC has one of its own, 26500; or an ingress is not set up for gRPC",
            )
        if answer.startswith(_TLS_ALERT):
            raise Stop("this port speaks TLS", f"write grpcs://{self.place.port_named}")
        if len(answer) < 9 or answer[3] != 4:
            raise Stop(*self._hung_up(None))
        return "it speaks HTTP/2"

    def _hung_up(self, error: Exception | None) -> tuple[str, str]:
        if error is not None and re.search("(?i)alert", str(error)):
            return _client_certificate(str(error))
        if not self.place.secure:
            other = f"{'grpcs' if self.place.wire == 'grpc' else 'https'}://{self.place.port_named}"
            return (
                "it hangs up without an answer",
                f"if this port has TLS, write {other}; if not, it is another service's",
            )
        return "it hangs up after the handshake", "does it want a client certificate? CAMUNDA_MTLS_CERT_PATH"

    def http(self) -> str:
        """HTTP is spoken, and a REST API of Camunda stands behind the path."""
        path = f"{self.place.path}/topology"
        target = self.place.url + path if self._proxy and not self.place.secure else path
        lines = [f"GET {target} HTTP/1.1", f"Host: {self.place.port_named}", "Accept: application/json"]
        with self._wrapped() as sock:
            sock.settimeout(self._budget.one())
            try:
                sock.sendall(("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode("latin-1"))
                head = _read(sock, b"\r\n\r\n")
            except TimeoutError:
                raise Stop("it is silent", "is this the port of REST? It usually has 8080") from None
            except (ssl.SSLError, OSError) as error:
                raise Stop(*self._hung_up(error)) from None
        self.at = time.time()
        if head.startswith(_TLS_ALERT):
            raise Stop("this port speaks TLS", f"write https://{self.place.port_named}")
        if head[3:4] == b"\x04" and head[:2] == b"\x00\x00":
            raise Stop(
                "this is a port of gRPC",
                "REST has one of its own, usually 8080; or aim at this one with --grpc",
            )
        status = re.match(rb"HTTP/1\.[01] (\d{3})", head)
        if status is None:
            raise (
                Stop(*self._hung_up(None))
                if not head
                else Stop("it speaks no HTTP", "is this the port of REST?")
            )
        return self._judged(int(status[1]), head.decode("latin-1"))

    def _judged(self, status: int, head: str) -> str:
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.splitlines()[1:])
        }
        self.date = headers.get("date", "")
        kind = headers.get("content-type", "")
        if 300 <= status < 400:
            raise Stop(
                f"it sends us on to {masked(headers.get('location', 'nowhere'))}",
                "this is a web application, or its login: the REST API takes tokens, and has no login page",
            )
        if status == 400 and "html" in kind:
            raise Stop("it answers 400", f"if this port has TLS, write https://{self.place.port_named}")
        if "html" in kind and status not in (401, 403, 502, 503, 504):
            raise Stop(
                f"a web page stands at {self.place.path} (HTTP {status})",
                "the path is another application's: the address of REST is the part before /v2",
            )
        if status == 404:
            raise Stop(
                f"there is nothing at {self.place.path}/topology (HTTP 404)",
                "has the gateway a context path (https://host/cluster-id)? is it older than 8.6, or is REST switched off?",
            )
        if status in (502, 503, 504) and "json" not in kind:
            raise Stop(
                f"whoever stands before the gateway answers HTTP {status}",
                "the gateway behind it is down or starting",
            )
        between = ", ".join(
            f"{name}: {headers[name]}" for name in ("via", "server", "x-cache") if name in headers
        )
        return f"HTTP {status}" + (f" ({between})" if between else "")


def clock_skew(date: str, at: float) -> tuple[float, str]:
    """By how many seconds our clock is ahead of the server's, by its Date header; and in words."""
    skew = at - parsedate_to_datetime(date).timestamp()
    return (
        skew,
        f"this machine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the server's",
    )


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    text = (error.verify_message or "").lower()
    if "mismatch" in text or "not valid for" in text:
        return "use the name that the certificate is for, or CAMUNDA_OVERRIDE_AUTHORITY (gRPC), tls=Tls(server_name=…)"
    if "expired" in text or "not yet valid" in text:
        return "the server needs a certificate that is valid now; is this machine's clock right?"
    return "give its authority: CAMUNDA_MTLS_CA_PATH, or SSL_CERT_FILE for the whole machine"


def _client_certificate(text: str) -> tuple[str, str]:
    if re.search("(?i)certificate.?required|handshake.?failure", text):
        return "it wants a client certificate", "set CAMUNDA_MTLS_CERT_PATH and CAMUNDA_MTLS_KEY_PATH"
    return (
        f"it refuses our side of TLS: {text}",
        "is the client certificate valid, and of an authority that it trusts?",
    )


def _read(sock: socket.socket, until: bytes) -> bytes:
    """What comes before a mark, or 64 KiB, or the end."""
    found = b""
    while until not in found and len(found) < 65536:
        part = sock.recv(65536)
        if not part:
            break
        found += part
        if found[:2] in _TLS_ALERT or (len(found) >= 9 and found[:2] == b"\x00\x00"):
            break
    return found.partition(until)[0]


def _exactly(sock: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = sock.recv(count - len(found))
        if not part:
            break
        found += part
    return found
