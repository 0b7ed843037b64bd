"""An identity provider on 127.0.0.1: issues tokens, and publishes what is needed to verify them."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

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
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._token(self)

            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/realm"

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
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _get(self, handler: BaseHTTPRequestHandler) -> None:
        if not handler.path.endswith("/protocol/openid-connect/certs"):
            _answer(handler, 404, {"error": "not found"})
            return
        public = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "kid": "one",
            "use": "sig",
            "alg": "RS256",
            "n": _text(public.n),
            "e": _text(public.e),
        }
        _answer(handler, 200, {"keys": [key]})

    def _token(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length", 0))
        form = {name: values[0] for name, values in parse_qs(handler.rfile.read(length).decode()).items()}
        self.asked += 1
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            self.refused += 1
            _answer(
                handler, 401, {"error": "unauthorized_client", "error_description": "Invalid client secret"}
            )
            return
        token = self._fixed or self.token(audience=form.get("audience", AUDIENCE))
        _answer(
            handler, 200, {"access_token": token, "token_type": "Bearer", "expires_in": int(self.lifetime)}
        )


def _text(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _answer(handler: BaseHTTPRequestHandler, status: int, body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
