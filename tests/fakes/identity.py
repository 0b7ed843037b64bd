"""An identity provider on 127.0.0.1: issues tokens, and publishes what is needed to verify them."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.rest import Exchange, Request, RestServer, Step, answer

AUDIENCE = "zeebe-api"
CLIENT, SECRET = "worker", "s3cret"
_CERTIFICATES = "/protocol/openid-connect/certs"


class IdentityProvider:
    """``lifetime`` seconds is what new tokens live, and ``lifetimes`` those of single clients; ``asked`` counts token requests.

    ``tenants`` gives clients the tenants that their tokens name, ``silent`` makes it answer nothing.
    """

    def __init__(
        self,
        lifetime: float = 300.0,
        tenants: Mapping[str, Sequence[str]] | None = None,
        lifetimes: Mapping[str, float] | None = None,
    ) -> None:
        self.lifetime = lifetime
        self.lifetimes = dict(lifetimes or {})
        self.tenants = {CLIENT: (), **(tenants or {})}
        self.asked = 0
        self.refused = 0
        self.silent: Step | None = None
        self._fixed: str | None = None
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self.rotate()
        self._server = RestServer()
        self._server.script(self._answer)

    @property
    def issuer(self) -> str:
        return f"{self._server.address}/realm"

    @property
    def token_url(self) -> str:
        return f"{self.issuer}/token"

    @property
    def keys_url(self) -> str:
        """Where the keys are published."""
        return f"{self.issuer}{_CERTIFICATES}"

    @property
    def asked_for_keys(self) -> int:
        """How often the keys were asked for."""
        return sum(request.target.endswith(_CERTIFICATES) for request in self._server.requests)

    def rotate(self) -> None:
        """Signs with a new key from now on; the last one is not published any more."""
        self._id = uuid4().hex
        self._keys = {self._id: rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    def token(
        self, *, lifetime: float | None = None, audience: str = AUDIENCE, client: str = CLIENT, **claims: Any
    ) -> str:
        """A signed token; a claim that is None is left out."""
        now = time.time()
        said = {
            "iss": self.issuer,
            "aud": audience,
            "sub": client,
            "jti": uuid4().hex,
            "iat": int(now),
            "exp": int(now + (self.lifetime if lifetime is None else lifetime)),
            "tenants": list(self.tenants.get(client, ())),
        } | claims
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, self._keys[self._id], algorithm="RS256", headers={"kid": self._id})

    @contextlib.contextmanager
    def handing_out(self, token: str) -> Iterator[None]:
        """Every token request is answered with this token meanwhile, good or bad."""
        self._fixed = token
        try:
            yield
        finally:
            self._fixed = None

    def close(self) -> None:
        self._server.stop()

    def _answer(self, exchange: Exchange) -> bool:
        request = exchange.request
        if self.silent is not None:
            return self.silent(exchange)
        step = self._issue(request) if request.method == "POST" else self._publish(request)
        return step(exchange)

    def _publish(self, request: Request) -> Step:
        if request.target.endswith("/.well-known/openid-configuration"):
            places = {"token_endpoint": self.token_url, "jwks_uri": self.keys_url}
            return answer(200, {"issuer": self.issuer, **places})
        if not request.target.endswith(_CERTIFICATES):
            return answer(404, {"error": "not found"})
        return answer(200, self.key_set())

    def key_set(self) -> dict[str, Any]:
        """The keys, as they are published."""
        return {"keys": [_published(id_, key) for id_, key in self._keys.items()]}

    def _issue(self, request: Request) -> Step:
        form = request.form
        self.asked += 1
        client = form.get("client_id", "")
        if client not in self.tenants or form.get("client_secret") != SECRET:
            self.refused += 1
            said = {"error": "unauthorized_client", "error_description": "Invalid client secret"}
            return answer(401, said)
        lifetime = self.lifetimes.get(client, self.lifetime)
        audience = form.get("audience", AUDIENCE)
        token = self._fixed or self.token(lifetime=lifetime, audience=audience, client=client)
        return answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": int(lifetime)})


def _published(id_: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    public = key.public_key().public_numbers()
    numbers = {"n": _text(public.n), "e": _text(public.e)}
    return {"kty": "RSA", "kid": id_, "use": "sig", "alg": "RS256", **numbers}


def _text(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
