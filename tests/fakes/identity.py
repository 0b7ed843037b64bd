"""An identity provider on 127.0.0.1: issues tokens, and publishes what is needed to verify them."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.rest import Exchange, Request, RestServer, Step, answer

AUDIENCE = "zeebe-api"
CLIENT, SECRET = "worker", "s3cret"


class IdentityProvider:
    """``lifetime`` seconds is what new tokens live; ``asked`` counts token requests."""

    def __init__(self, lifetime: float = 300.0) -> None:
        self.lifetime = lifetime
        self.asked = 0
        self.refused = 0
        self._fixed: str | None = None
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
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
        return f"{self.issuer}/protocol/openid-connect/certs"

    def token(self, *, lifetime: float | None = None, audience: str = AUDIENCE) -> str:
        """A signed token."""
        now = time.time()
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "sub": CLIENT,
            "iat": int(now),
            "exp": int(now + (self.lifetime if lifetime is None else lifetime)),
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "one"})

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
        step = self._issue(request) if request.method == "POST" else self._publish(request)
        return step(exchange)

    def _publish(self, request: Request) -> Step:
        if not request.target.endswith("/protocol/openid-connect/certs"):
            return answer(404, {"error": "not found"})
        public = self._key.public_key().public_numbers()
        numbers = {"n": _text(public.n), "e": _text(public.e)}
        return answer(200, {"keys": [{"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256", **numbers}]})

    def _issue(self, request: Request) -> Step:
        form = request.form
        self.asked += 1
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            self.refused += 1
            said = {"error": "unauthorized_client", "error_description": "Invalid client secret"}
            return answer(401, said)
        token = self._fixed or self.token(audience=form.get("audience", AUDIENCE))
        return answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": int(self.lifetime)})


def _text(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
