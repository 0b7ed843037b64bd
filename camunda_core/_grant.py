"""What a client shows to a token endpoint: the form of the client-credentials grant, with a secret or an assertion.

An assertion (RFC 7523) is a text that proves who we are without a shared secret: signed by us
(``ClientAssertion``), or handed to us by the platform, as Kubernetes does in a file.
"""

from __future__ import annotations

import base64
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, quote_plus, urlencode

from camunda_core._arguments import is_sendable, shown
from camunda_core._pem import Pem, identity, read_pem
from camunda_core._secrecy import Secretive
from camunda_core._token_file import read_secret
from camunda_core.credentials import text_argument
from camunda_core.deadline import Duration, setting
from camunda_core.errors import AuthenticationError, CamundaError, ConfigurationError

__all__ = ["Assertion", "ClientAssertion", "Grant"]

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class ClientAssertion(Secretive):
    """Signs in with a private key in place of a client secret (``private_key_jwt``, RFC 7523).

    ``key``           the private key: PEM as bytes or text, or a path; a file is read again for
                      every token request, so that it may be rotated
    ``certificate``   its certificate, in the same shapes: its thumbprints are sent along, as Entra ID asks for
    ``key_password``  the password of an encrypted key
    ``key_id``        the ``kid`` by which the identity provider knows the key
    ``algorithm``     None chooses by the key: RS256, ES256 (or 384, 512), EdDSA; PS256 for Entra ID on request
    ``audience``      None: the URL of the token endpoint; some providers ask for their issuer
    ``lifetime``      seconds for which an assertion holds; each is used once

    Needs ``camunda-bridge[crypto]``. Raises ConfigurationError for a key that cannot sign, now.
    """

    def __init__(
        self,
        key: Pem,
        *,
        certificate: Pem | None = None,
        key_password: str | bytes | None = None,
        key_id: str | None = None,
        algorithm: str | None = None,
        audience: str | None = None,
        lifetime: Duration = 60.0,
    ) -> None:
        text_argument(key_id, "ClientAssertion: key_id", optional=True)
        text_argument(audience, "ClientAssertion: audience", optional=True)
        if not isinstance(key_password, (str, bytes, type(None))) or (
            isinstance(key_password, str) and not is_sendable(key_password)
        ):
            raise ConfigurationError(
                f"ClientAssertion: key_password must be text or bytes, not {type(key_password).__name__}"
            )
        if algorithm is not None and algorithm not in _ALGORITHMS:
            raise ConfigurationError(
                f"ClientAssertion: algorithm must be one of {', '.join(_ALGORITHMS)}, not {shown(algorithm)}"
            )
        self._lifetime = setting(lifetime, "ClientAssertion: lifetime")
        if self._lifetime < 1:
            raise ConfigurationError("ClientAssertion: lifetime must be 1 s or more")
        self._key, self._certificate, self._password = key, certificate, key_password
        self._key_id, self._algorithm, self._audience = key_id, algorithm, audience
        self._sign({}, {})  # what cannot work is told before anything is sent

    def __repr__(self) -> str:
        return f"ClientAssertion(key=***, key_id={self._key_id!r})"

    @property
    def identity(self) -> str:
        """What tells it from another one of the same client, without a secret."""
        shown = (
            identity(self._key),
            identity(self._certificate),
            self._key_id,
            self._algorithm,
            self._audience,
        )
        return repr(shown)

    def text(self, client_id: str, token_url: str) -> str:
        """A new assertion for one request to ``token_url``."""
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": self._audience or token_url,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "nbf": now,
            "exp": now + int(self._lifetime),
        }
        header = {} if self._key_id is None else {"kid": self._key_id}
        return self._sign(claims, header)

    def _sign(self, claims: dict[str, Any], header: dict[str, Any]) -> str:
        try:
            import jwt
            from cryptography import x509
            from cryptography.hazmat.primitives import serialization
        except ImportError as error:
            raise ConfigurationError(
                f"ClientAssertion needs camunda-bridge[crypto] ({error}): install it, or use a client secret"
            ) from error
        password = self._password.encode() if isinstance(self._password, str) else self._password
        _, pem = read_pem("ClientAssertion", "key", self._key)
        if not pem:
            raise ConfigurationError("ClientAssertion: key holds no private key")
        try:
            key = serialization.load_pem_private_key(pem, password if b"ENCRYPTED" in pem else None)
        except (ValueError, TypeError) as error:
            why = "give key_password" if password is None and b"ENCRYPTED" in pem else type(error).__name__
            raise ConfigurationError(f"ClientAssertion: the key cannot be read: {why}") from None
        if self._certificate is not None:
            chain, _ = read_pem("ClientAssertion", "certificate", self._certificate)
            if not chain:
                raise ConfigurationError("ClientAssertion: certificate holds no certificate")
            certificate = x509.load_pem_x509_certificate(chain)
            if certificate.public_key() != key.public_key():
                raise ConfigurationError("ClientAssertion: the key does not belong to the certificate")
            der = certificate.public_bytes(serialization.Encoding.DER)
            header = {
                **header,
                "x5t": _unpadded(hashlib.sha1(der, usedforsecurity=False).digest()),
                "x5t#S256": _unpadded(hashlib.sha256(der).digest()),
            }
        try:
            return jwt.encode(claims, key, self._algorithm or _algorithm_of(key), headers=header)  # type: ignore[arg-type]
        except (TypeError, ValueError, jwt.PyJWTError) as error:
            raise ConfigurationError(
                f"ClientAssertion: the key cannot sign with {self._algorithm}: {type(error).__name__}"
            ) from None


def _algorithm_of(key: object) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {256: "ES256", 384: "ES384", 521: "ES512"}.get(key.curve.key_size, "ES256")
    if isinstance(key, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)):
        return "EdDSA"
    raise ConfigurationError(f"ClientAssertion: keys of this kind cannot sign: {type(key).__name__}")


def _unpadded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


#: A signer, a file that somebody else keeps fresh, or a callable that returns the text.
Assertion = ClientAssertion | os.PathLike[str] | Callable[[], str]


@dataclass(frozen=True)
class Grant:
    """Who asks for a token, and for what. ``form``: the fields that are no secret."""

    client_id: str
    form: Mapping[str, str]
    secret: str | None = field(repr=False)
    assertion: Assertion | None = field(repr=False)
    method: Literal["post", "basic"] = "post"

    def request(self, token_url: str) -> tuple[bytes, dict[str, str], tuple[str, ...]]:
        """Body and headers of one token request, and the texts in them that nobody may see.

        Raises AuthenticationError when there is no assertion to be had.
        """
        form = {"grant_type": "client_credentials", **self.form}
        headers: dict[str, str] = {}
        if self.assertion is not None:
            proof = self._asserted(token_url)
            form |= {
                "client_id": self.client_id,
                "client_assertion_type": _JWT_BEARER,
                "client_assertion": proof,
            }
            return urlencode(form).encode("ascii"), headers, (proof,)
        secret = self.secret or ""
        hidden = [secret, quote(secret), quote_plus(secret)]
        if self.method == "basic":
            # RFC 6749, 2.3.1: both are form-encoded first.
            pair = base64.b64encode(f"{quote_plus(self.client_id)}:{quote_plus(secret)}".encode()).decode(
                "ascii"
            )
            headers["Authorization"] = f"Basic {pair}"
            hidden.append(pair)
        else:
            form |= {"client_id": self.client_id, "client_secret": secret}
        return urlencode(form).encode("ascii"), headers, tuple(hidden)

    def _asserted(self, token_url: str) -> str:
        source = self.assertion
        try:
            if isinstance(source, ClientAssertion):
                return source.text(self.client_id, token_url)
            if isinstance(source, os.PathLike):
                return read_secret(Path(source), "client assertion")
            assert source is not None
            proof: object = source()
        except ConfigurationError as error:
            raise AuthenticationError(str(error), sent=False) from None
        except CamundaError:
            raise
        except Exception as error:
            raise AuthenticationError(
                f"the callable that gives the client assertion raised {type(error).__name__}", sent=False
            ) from error
        if not isinstance(proof, str) or not proof.isascii() or not proof.strip():
            raise AuthenticationError(
                "the callable gave no client assertion, which is ASCII text", sent=False
            )
        return proof.strip()

    @property
    def identity(self) -> str:
        """A digest of who asks and of what shows it, to keep the tokens of two of them apart."""
        source = self.assertion
        if isinstance(source, os.PathLike):
            shows = f"file {os.fspath(source)}"
        elif source is None:
            shows = f"secret {self.secret or ''}"
        elif isinstance(source, ClientAssertion):
            shows = f"assertion {source.identity}"
        else:  # by its name, which is the same in the next process
            shows = f"callable {getattr(source, '__module__', '')} {getattr(source, '__qualname__', type(source).__qualname__)}"
        told = repr((self.client_id, sorted(self.form.items()), shows, self.method))
        return hashlib.sha256(told.encode()).hexdigest()
