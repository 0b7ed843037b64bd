"""TLS material, given once as PEM and turned into what each wire needs.

There is no switch that turns verification off: gRPC offers none, and a client that verified on one
wire and not on the other would surprise. For a test server with a certificate of its own, that
certificate is the ``ca``; when its name does not fit, ``server_name`` helps.
"""

from __future__ import annotations

import logging
import os
import re
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path

from camunda_core._arguments import shown
from camunda_core._outbound import system_context, system_roots
from camunda_core.errors import ConfigurationError

__all__ = ["Pem", "Tls", "way_out"]

#: PEM as bytes or text (recognised by its BEGIN line), or the path of a PEM file.
Pem = bytes | str | os.PathLike[str]

_HOST = re.compile(r"[A-Za-z0-9._:-]{1,254}")
_log = logging.getLogger(__name__)

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATES = (b"CERTIFICATE", b"X509 CERTIFICATE")
_LARGEST_FILE = 8 * 1024 * 1024

#: What libraries say of a handshake that failed, and what to do about it. The first that fits counts.
_WAYS_OUT = (
    (
        r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE",
        "is this port plain HTTP? then write http:// (gRPC: grpc://)",
    ),
    (
        r"(?i)hostname|name mismatch|not valid for|peer name",
        "give the name in its certificate as tls=Tls(server_name=...)",
    ),
    (r"expired|not yet valid", "the server needs a certificate that is valid now"),
    # Older versions of gRPC keep the reason to themselves.
    (
        r"CERTIFICATE_VERIFY_FAILED(?![:\]])",
        "give its authority as tls=Tls(ca=...), unless its certificate has expired",
    ),
    (r"ALERT", "the server refused the handshake; does it ask for tls=Tls(certificate=..., key=...)?"),
    (
        r"(?i)certificate.verify.failed|self.signed|local issuer|unknown.ca",
        "give its authority as tls=Tls(ca=...)",
    ),
)


def way_out(text: str) -> str | None:
    """What to do about a TLS handshake that failed with ``text``, on either wire; None
    when that is not known.
    """
    return next((advice for pattern, advice in _WAYS_OUT if re.search(pattern, text)), None)


@dataclass(frozen=True, repr=False)
class Tls:
    """Whom to trust and who we are. Files are read and checked when the object is made, and by
    clients again when they were replaced: see ``current``.

    ``ca``            certificates of the authorities to trust, in place of the system's store
    ``certificate``   our certificate and its intermediates, for servers that ask for one (mutual TLS)
    ``key``           its private key; may be left out when the PEM of ``certificate`` holds it too
    ``key_password``  the password of an encrypted key (works for HTTP; gRPC cannot use an encrypted key)
    ``server_name``   the name that the server's certificate must bear, when it is not the host of the address

    Each is PEM: bytes, text that holds a BEGIN line, or a path. Raises ConfigurationError naming
    the argument and the file.
    """

    ca: Pem | None = None
    certificate: Pem | None = None
    key: Pem | None = None
    key_password: str | bytes | None = None
    server_name: str | None = None
    _ca: bytes | None = field(init=False, compare=False)
    _chain: bytes | None = field(init=False, compare=False)
    _key: bytes | None = field(init=False, compare=False)
    _stamps: tuple[object, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stamps", self._stamped())
        ca, _ = _read("ca", self.ca)
        chain, key_beside = _read("certificate", self.certificate)
        _, key = _read("key", self.key)
        if self.ca is not None and not ca:
            raise ConfigurationError(f"Tls: ca {_origin(self.ca)} holds no certificate")
        if self.certificate is not None and not chain:
            raise ConfigurationError(f"Tls: certificate {_origin(self.certificate)} holds no certificate")
        if self.key is not None and not key:
            raise ConfigurationError(f"Tls: key {_origin(self.key)} holds no private key")
        if self.key is not None and self.certificate is None:
            raise ConfigurationError("Tls: a key needs its certificate; give certificate as well")
        if self.certificate is not None and not (key or key_beside):
            raise ConfigurationError(
                f"Tls: certificate {_origin(self.certificate)} needs its private key; give key as well"
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
        object.__setattr__(self, "_ca", ca)
        object.__setattr__(self, "_chain", chain)
        object.__setattr__(self, "_key", key or key_beside)
        self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    def __repr__(self) -> str:
        given = {name: getattr(self, name) for name in ("ca", "certificate", "key")}
        shown = [f"{name}={_origin(pem)}" for name, pem in given.items() if pem is not None]
        if self.key_password is not None:
            shown.append("key_password=***")
        if self.server_name is not None:
            shown.append(f"server_name={self.server_name}")
        return f"Tls({', '.join(shown)})"

    def current(self) -> Tls:
        """This material as its files are now: another Tls when one of them was replaced, else this one.

        What cannot be used, such as a key whose certificate is not there yet, is logged, and this one stays.
        """
        if self._stamped() == self._stamps:
            return self
        try:
            return replace(self)
        except ConfigurationError as error:
            _log.warning("the certificate files were changed, but what they hold now is not used: %s", error)
            return self

    def _stamped(self) -> tuple[object, ...]:
        """What changes when a file is replaced, be it by turning a link."""
        return tuple(_stamp(pem) for pem in (self.ca, self.certificate, self.key))

    def ssl_context(self, *, system_store: bool = False, trust_env: bool = True) -> ssl.SSLContext:
        """A new context for HTTP clients. ``system_store=True`` trusts the system's
        authorities besides ``ca``, ``trust_env`` whether the bundle that the environment
        names counts among those.

        ``server_name`` is not part of a context: the HTTP client must hand it over as the name to
        ask for and to verify.
        """
        if self._ca is None or system_store:
            context = system_context() if trust_env else ssl.create_default_context()
        else:
            context = ssl.create_default_context(cadata=self._ca.decode("ascii"))
        self._load(context)
        return context

    def for_grpc(self) -> dict[str, bytes | None]:
        """The arguments of ``grpc.ssl_channel_credentials``: root_certificates, private_key and
        certificate_chain.

        ``server_name`` belongs into the channel options ``grpc.ssl_target_name_override`` and
        ``grpc.default_authority``. Without ``ca`` the certificates are the system's: gRPC would
        take a list of its own. Raises ConfigurationError for an encrypted key: gRPC takes no
        password, and the standard library cannot decrypt one.
        """
        if self._key is not None and _is_encrypted(self._key):
            origin = _origin(self.key if self.key is not None else self.certificate)
            raise ConfigurationError(
                f"Tls: the key {origin} is encrypted, which gRPC cannot use (HTTP can); "
                "write it without a password: openssl pkey -in key.pem -out plain-key.pem"
            )
        roots = system_roots() if self._ca is None else self._ca
        return {"root_certificates": roots, "private_key": self._key, "certificate_chain": self._chain}

    def _load(self, context: ssl.SSLContext) -> None:
        if self._ca is not None:
            try:
                context.load_verify_locations(cadata=self._ca.decode("ascii"))
            except ssl.SSLError as error:
                raise ConfigurationError(
                    f"Tls: ca {_origin(self.ca)} cannot be read as PEM: {error}"
                ) from error
        if self._chain is None or self._key is None:
            return
        origin = _origin(self.key if self.key is not None else self.certificate)
        if _is_encrypted(self._key) and self.key_password is None:
            raise ConfigurationError(f"Tls: the key {origin} is encrypted; give key_password")
        password = "" if self.key_password is None else self.key_password  # None would ask on the terminal
        import tempfile

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
                raise ConfigurationError(self._key_problem(error, origin)) from error

    def _key_problem(self, error: Exception, key: str) -> str:
        certificate = _origin(self.certificate)
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            return f"Tls: the key {key} does not belong to the certificate {certificate}"
        if self.key_password is not None:
            return f"Tls: key_password does not open the key {key} ({error})"
        return f"Tls: certificate {certificate} and key {key} cannot be loaded ({error})"


def _stamp(pem: object) -> object:
    if pem is None or isinstance(pem, bytes) or (isinstance(pem, str) and "-----BEGIN" in pem):
        return None
    try:
        found = Path(pem).expanduser().stat()  # type: ignore[arg-type]
    except (OSError, ValueError, RuntimeError, TypeError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(argument: str, pem: Pem | None) -> tuple[bytes | None, bytes | None]:
    """The certificates and the private keys in ``pem``, without the prose that may stand around them."""
    if pem is None:
        return None, None
    if isinstance(pem, bytes):
        content = pem
    elif isinstance(pem, str) and "-----BEGIN" in pem:
        content = pem.encode("utf-8", "replace")
    elif isinstance(pem, (str, os.PathLike)):
        content = _read_file(argument, Path(pem))
    else:
        raise ConfigurationError(
            f"Tls: {argument} must be PEM as bytes or text, or a path, not {type(pem).__name__}"
        )
    blocks = [(match[1], match[0]) for match in _BLOCK.finditer(content)]
    if not blocks:
        raise ConfigurationError(
            f"Tls: {argument} {_origin(pem)} is not PEM (no -----BEGIN … line); "
            "a DER, JKS or PKCS#12 file must be converted first, with openssl for instance"
        )
    certificates = b"\n".join(block for label, block in blocks if label in _CERTIFICATES)
    keys = b"\n".join(block for label, block in blocks if label.endswith(b"PRIVATE KEY"))
    return (certificates + b"\n" if certificates else None), (keys + b"\n" if keys else None)


def _read_file(argument: str, path: Path) -> bytes:
    try:
        with path.expanduser().open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise ConfigurationError(f"Tls: {argument} {_origin(path)} cannot be read: {reason}") from error
    if len(content) > _LARGEST_FILE:
        raise ConfigurationError(
            f"Tls: {argument} {_origin(path)} is larger than {_LARGEST_FILE // 2**20} MiB: not a PEM file"
        )
    return content


def _origin(pem: Pem | None) -> str:
    """The file's name, or that there is none; never the content."""
    if isinstance(pem, bytes) or pem is None or (isinstance(pem, str) and "-----BEGIN" in pem):
        return "(given as PEM)"
    path = os.fspath(pem)
    return path if len(path) <= 300 else f"{path[:300]}…"


def _is_encrypted(key: bytes) -> bool:
    return b"ENCRYPTED" in key
