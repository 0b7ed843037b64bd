"""TLS material, given once as PEM and turned into what each wire needs.

There is no switch that turns verification off: gRPC offers none, and a client that verified on one
wire and not on the other would surprise. For a test server with a certificate of its own, that
certificate is the ``ca``; when its name does not fit, ``server_name`` helps.
"""

from __future__ import annotations

import logging
import re
import ssl
from dataclasses import dataclass, field, replace
from typing import Literal

from camunda_core._arguments import shown
from camunda_core._files import Stamp, is_settled
from camunda_core._handshakes import TLS_WANTED
from camunda_core._outbound import system_context, system_roots
from camunda_core._patterns import pattern
from camunda_core._pem import Pem, is_encrypted, origin, read_pem, stamp
from camunda_core._secrecy import Secretive
from camunda_core.errors import ConfigurationError

__all__ = ["Pem", "Tls", "way_out"]

_HOST = pattern(r"[A-Za-z0-9._:-]{1,254}")
_log = logging.getLogger(__name__)

_CERTIFICATE_WANTED = "the server asks for a client certificate: give tls=Tls(certificate=..., key=...)"
_CERTIFICATE_REFUSED = (
    "the server does not accept the client certificate, tls=Tls(certificate=...): "
    "is it valid, and of an authority that the server trusts?"
)

#: What libraries say of a handshake that failed, and what to do about it. The first that fits counts.
_WAYS_OUT = (
    (
        r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE",
        "is this port plain HTTP? then write http:// (gRPC: grpc://)",
    ),
    (
        r"PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL",
        "the server speaks no version of TLS that we do: 1.2 and above, or what tls=Tls(minimum_version=...) says",
    ),
    # What the server says comes before what we say of it: both speak of certificates that have expired.
    (r"CERTIFICATE_REQUIRED", _CERTIFICATE_WANTED),
    (
        r"ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|UNSUPPORTED_CERTIFICATE)",
        _CERTIFICATE_REFUSED,
    ),
    (r"ALERT", "the server refused the handshake; does it ask for tls=Tls(certificate=..., key=...)?"),
    (
        r"(?i)hostname|name mismatch|not valid for|peer name",
        "give the name in its certificate as tls=Tls(server_name=...)",
    ),
    (  # Python 3.13 made its checks of certificates strict; grpcio does not know them
        r"Key Identifier|[Kk]ey usage|marked critical|name empty|Empty Subject|at least X509v3",
        "from Python 3.13 on a certificate must keep to RFC 5280: its authority has to issue it anew with what it lacks",
    ),
    (r"expired|not yet valid", "the server needs a certificate that is valid now"),
    # Older versions of gRPC keep the reason to themselves.
    (
        r"CERTIFICATE_VERIFY_FAILED(?![:\]])",
        "give its authority as tls=Tls(ca=...), unless its certificate has expired",
    ),
    (
        r"(?i)certificate.verify.failed|self.signed|local issuer|unknown.ca",
        "give its authority as tls=Tls(ca=...)",
    ),
)

#: Alerts with which a server ends a handshake for what we showed in it, or did not show.
_REFUSALS = pattern(
    r"ALERT_(?:CERTIFICATE_\w+|UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)"
)


def way_out(text: str) -> str | None:
    """What to do about a TLS handshake that failed with ``text``, on either wire; None
    when that is not known.
    """
    return next((advice for pattern, advice in _WAYS_OUT if re.search(pattern, text)), None)


def refused(error: BaseException | None) -> ssl.SSLError | None:
    """The alert with which a server refused us, where ``error`` or a cause of it is one: then it has read
    nothing of what was sent, although a handshake of TLS 1.3 was over for us.
    """
    causes = () if error is None else (error, error.__cause__, error.__context__, *error.args)
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and _REFUSALS.search(cause.reason or ""):
            return cause
    return None


#: What proxies write onto the page with which they refuse a connection that they have taken, and what to do.
_PAGES = (
    (
        r"(?i)HTTP request was sent to HTTPS|HTTP request to an HTTPS|requires TLS|plain HTTP to an SSL",
        TLS_WANTED,
    ),
    (r"(?i)No required SSL certificate", _CERTIFICATE_WANTED),
    (r"(?i)The SSL certificate error", _CERTIFICATE_REFUSED),
)


def page_way_out(text: str) -> str | None:
    """What to do about a page of status 400 with ``text``, where it speaks of TLS."""
    return next((advice for pattern, advice in _PAGES if re.search(pattern, text)), None)


def mistaken(text: str) -> bool:
    """Whether ``text``, of an error, has the way out of a mistake of TLS."""
    return any(advice in text for _, advice in _WAYS_OUT) or TLS_WANTED in text


@dataclass(frozen=True, repr=False)
class Tls(Secretive):
    """Whom to trust and who we are. Files are read and checked when the object is made, and by
    clients again when they were replaced: see ``current``.

    ``ca``            certificates of the authorities to trust, in place of the system's store
    ``certificate``   our certificate and its intermediates, for servers that ask for one (mutual TLS)
    ``key``           its private key; may be left out when the PEM of ``certificate`` holds it too
    ``key_password``  the password of an encrypted key (over gRPC, ``camunda-bridge[crypto]`` is needed)
    ``server_name``   the name that the server's certificate must bear, when it is not the host of the address
    ``minimum_version`` the oldest version of TLS that is spoken, "1.2" (the default) or "1.3", which REST and
                      the token endpoint alone can be told

    Each is PEM: bytes, text that holds a BEGIN line, or a path. Raises ConfigurationError naming
    the argument and the file.
    """

    ca: Pem | None = None
    certificate: Pem | None = None
    key: Pem | None = None
    key_password: str | bytes | None = None
    server_name: str | None = None
    minimum_version: Literal["1.2", "1.3"] | None = None
    _ca: bytes | None = field(init=False, compare=False)
    _chain: bytes | None = field(init=False, compare=False)
    _key: bytes | None = field(init=False, compare=False)
    _stamps: tuple[Stamp | None, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stamps", self._stamped())
        ca, _ = read_pem("Tls", "ca", self.ca)
        chain, key_beside = read_pem("Tls", "certificate", self.certificate)
        _, key = read_pem("Tls", "key", self.key)
        if self.ca is not None and not ca:
            raise ConfigurationError(f"Tls: ca {origin(self.ca)} holds no certificate")
        if self.certificate is not None and not chain:
            raise ConfigurationError(f"Tls: certificate {origin(self.certificate)} holds no certificate")
        if self.key is not None and not key:
            raise ConfigurationError(f"Tls: key {origin(self.key)} holds no private key")
        if self.key is not None and self.certificate is None:
            raise ConfigurationError("Tls: a key needs its certificate; give certificate as well")
        if self.certificate is not None and not (key or key_beside):
            raise ConfigurationError(
                f"Tls: certificate {origin(self.certificate)} needs its private key; give key as well"
            )
        if self.key_password is not None and self.certificate is None:
            raise ConfigurationError("Tls: key_password is given without a key")
        if not isinstance(self.key_password, (str, bytes, type(None))):
            raise ConfigurationError(
                f"Tls: key_password must be text, not {type(self.key_password).__name__}"
            )
        if self.server_name is not None and not (
            isinstance(self.server_name, str) and _HOST.fullmatch(self.server_name)
        ):
            raise ConfigurationError(
                f"Tls: server_name must be the name of a host, not {shown(self.server_name)}"
            )
        if self.minimum_version not in (None, "1.2", "1.3"):
            raise ConfigurationError(
                f'Tls: minimum_version must be "1.2" or "1.3", not {shown(self.minimum_version)}'
            )
        object.__setattr__(self, "_ca", ca)
        object.__setattr__(self, "_chain", chain)
        object.__setattr__(self, "_key", key or key_beside)
        self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    def __repr__(self) -> str:
        given = {name: getattr(self, name) for name in ("ca", "certificate", "key")}
        shown = [f"{name}={origin(pem)}" for name, pem in given.items() if pem is not None]
        if self.key_password is not None:
            shown.append("key_password=***")
        if self.server_name is not None:
            shown.append(f"server_name={self.server_name}")
        if self.minimum_version is not None:
            shown.append(f"minimum_version={self.minimum_version}")
        return f"Tls({', '.join(shown)})"

    def current(self) -> Tls:
        """This material as its files are now: another Tls when one of them was replaced, else this one.

        A file that is being written into is looked at again the next time. What cannot be used, such
        as a key whose certificate is not there yet, is logged, and this one stays.
        """
        stamps = self._stamped()
        if stamps == self._stamps:
            return self
        if any(
            now is not None and now != former and not is_settled(now, former)
            for now, former in zip(stamps, self._stamps, strict=True)
        ):
            return self  # somebody is writing it
        try:
            return replace(self)
        except ConfigurationError as error:
            _log.warning("the certificate files were changed, but what they hold now is not used: %s", error)
            return self

    def _stamped(self) -> tuple[Stamp | None, ...]:
        """What changes when a file is replaced, be it by turning a link."""
        return tuple(stamp(pem) for pem in (self.ca, self.certificate, self.key))

    def ssl_context(self, *, system_store: bool = False, trust_env: bool = True) -> ssl.SSLContext:
        """A new context for HTTP clients. ``system_store=True`` trusts the system's
        authorities besides ``ca``, ``trust_env`` whether the bundle that the environment
        names counts among those.

        ``server_name`` is not part of a context: the HTTP client must hand it over as the name to
        ask for and to verify.
        """
        context = self._trusting(system_store, trust_env)
        self._load(context)
        return context

    def proxy_context(self, *, trust_env: bool = True) -> ssl.SSLContext:
        """A new context for TLS to a proxy on the way, which trusts the system's authorities besides
        ``ca`` and holds no certificate of ours: that is for the server behind it.
        """
        context = self._trusting(True, trust_env)
        self._load_ca(context)
        return context

    def _trusting(self, system_store: bool, trust_env: bool) -> ssl.SSLContext:
        if self._ca is None or system_store:
            context = system_context() if trust_env else ssl.create_default_context()
        else:
            context = ssl.create_default_context(cadata=self._ca.decode("ascii"))
        if self.minimum_version == "1.3":
            context.minimum_version = ssl.TLSVersion.TLSv1_3
        return context

    def for_grpc(self) -> dict[str, bytes | None]:
        """The arguments of ``grpc.ssl_channel_credentials``: root_certificates, private_key and
        certificate_chain.

        ``server_name`` belongs into the channel options ``grpc.ssl_target_name_override`` and
        ``grpc.default_authority``. Without ``ca`` the certificates are the system's: gRPC would
        take a list of its own. gRPC takes no password, so an encrypted key is decrypted in memory,
        which needs ``camunda-bridge[crypto]``. Raises ConfigurationError where that is not
        installed, and for a minimum version of TLS, which gRPC cannot be told.
        """
        if self.minimum_version not in (None, "1.2"):
            raise ConfigurationError(
                f"Tls: minimum_version={self.minimum_version!r} cannot be asked of gRPC, which takes 1.2 and "
                "above: leave it out here and let the gateway ask for it, or use REST"
            )
        roots = system_roots() if self._ca is None else self._ca
        return {
            "root_certificates": roots,
            "private_key": self._plain_key(),
            "certificate_chain": self._chain,
        }

    def _plain_key(self) -> bytes | None:
        if self._key is None or not is_encrypted(self._key):
            return self._key
        try:
            from cryptography.hazmat.primitives import serialization
        except ImportError as error:
            name = origin(self.key if self.key is not None else self.certificate)
            raise ConfigurationError(
                f"Tls: the key {name} is encrypted: over gRPC that needs camunda-bridge[crypto] ({error}); install "
                "it, or write the key without a password: openssl pkey -in key.pem -out plain-key.pem"
            ) from error
        password = self.key_password.encode() if isinstance(self.key_password, str) else self.key_password
        # The password was proven to fit when this object was made.
        return serialization.load_pem_private_key(self._key, password).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def _load_ca(self, context: ssl.SSLContext) -> None:
        if self._ca is not None:
            try:
                context.load_verify_locations(cadata=self._ca.decode("ascii"))
            except ssl.SSLError as error:
                raise ConfigurationError(
                    f"Tls: ca {origin(self.ca)} cannot be read as PEM: {error}"
                ) from error

    def _load(self, context: ssl.SSLContext) -> None:
        self._load_ca(context)
        if self._chain is None or self._key is None:
            return
        name = origin(self.key if self.key is not None else self.certificate)
        if is_encrypted(self._key) and self.key_password is None:
            raise ConfigurationError(f"Tls: the key {name} is encrypted; give key_password")
        password = "" if self.key_password is None else self.key_password  # None would ask on the terminal
        import tempfile
        from pathlib import Path

        # The ssl module loads a key from a file only; the directory is ours alone (0700)
        # and gone right after.
        with tempfile.TemporaryDirectory(prefix="camunda-tls-") as directory:
            chain_file, key_file = Path(directory, "chain.pem"), Path(directory, "key.pem")
            chain_file.write_bytes(self._chain)
            key_file.touch(mode=0o600)
            key_file.write_bytes(self._key)
            try:
                context.load_cert_chain(chain_file, key_file, password)
            except (ssl.SSLError, ValueError) as error:
                raise ConfigurationError(self._key_problem(error, name)) from error

    def _key_problem(self, error: Exception, key: str) -> str:
        certificate = origin(self.certificate)
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            return f"Tls: the key {key} does not belong to the certificate {certificate}"
        if self.key_password is not None:
            return f"Tls: key_password does not open the key {key} ({error})"
        return f"Tls: certificate {certificate} and key {key} cannot be loaded ({error})"
