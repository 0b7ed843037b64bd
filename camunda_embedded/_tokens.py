"""Tokens of callers, verified by the embedded gateway itself: signature, issuer, audience, time, and
the tenants that they name.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, Request, build_opener

from camunda_core._arguments import shown, text
from camunda_core._outbound import system_context
from camunda_core.errors import ConfigurationError, Unavailable

__all__ = ["Refused", "TokenCheck"]

#: What a token may be signed with: keys of which the provider publishes one half.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: Seconds: how long keys are taken for current, the least time between two fetches, and how long one may take.
KEYS_LAST, FETCH_PAUSE, FETCH_TIMEOUT = 300.0, 1.0, 5.0
_LARGEST = 1024 * 1024
#: So many accepted tokens are remembered, so that each is verified once.
_REMEMBERED = 1000

Claims = Mapping[str, Any]


class Refused(Exception):
    """A call without a token, or with one that is not taken; the text is what REST says of it."""


class TokenCheck:
    """Wants a bearer token of every call over either wire, and verifies it as a cluster does.

        EmbeddedGateway(auth=TokenCheck("https://login.example.com/realms/camunda"))

    ``issuer``    whose tokens: what their ``iss`` says
    ``audience``  what their ``aud`` has to name; one of several
    ``keys``      where the provider publishes its keys (JWKS), or the document itself; by default
                  the issuer's OpenID Connect description says where. They are fetched when the first
                  token comes, again after five minutes, and at once for a token of an unknown key
    ``tenants``   the claim with the ids of the caller's tenants, or a function from the claims to
                  them; by default a caller has every tenant of the gateway
    ``leeway``    seconds that the clocks of provider and gateway may differ by

    It needs PyJWT and cryptography (``camunda-bridge[crypto]``). Time is the system's, not the
    gateway's ``clock``. Health checks over gRPC, and ``/v2/status`` and ``/v2/license`` over REST,
    want no token.

    Raises:
        ConfigurationError: a bad argument, by name.
        ImportError: the extra is missing; it names it.
    """

    def __init__(
        self,
        issuer: str,
        *,
        audience: str | Iterable[str] = "zeebe-api",
        keys: str | Mapping[str, Any] | None = None,
        tenants: str | Callable[[Claims], Iterable[str]] | None = None,
        leeway: float = 0.0,
    ) -> None:
        try:
            import jwt.algorithms
        except ImportError as error:
            raise ImportError(_MISSING, name="jwt") from error
        if not jwt.algorithms.has_crypto:
            raise ImportError(_MISSING, name="cryptography")
        self._issuer = text(issuer, "issuer")
        self._audience = _audiences(audience)
        if tenants is not None and not callable(tenants):
            text(tenants, "tenants")
        if isinstance(leeway, bool) or not isinstance(leeway, (int, float)) or not 0 <= leeway <= 3600:
            raise ConfigurationError(f"leeway must be seconds, 0 to 3600, not {shown(leeway)}")
        self._tenants, self._leeway = tenants, float(leeway)
        self._keys = _Keys(self._issuer, keys)
        self._accepted: dict[bytes, Claims] = {}
        self._revoked: set[bytes] = set()

    def __repr__(self) -> str:
        return f"TokenCheck({self._issuer!r}, audience={list(self._audience)!r})"

    def revoke(self, *tokens: str) -> None:
        """Refuses these tokens from now on; without any, all that were accepted so far.

        This is how a test finds out what a program does when its token is withdrawn. It may be
        called from any thread.
        """
        known = [_digest(token) for token in tokens] if tokens else list(self._accepted)
        self._revoked.update(known)
        for each in known:
            self._accepted.pop(each, None)

    async def tenants_of(self, authorization: str | None) -> frozenset[str] | None:
        """The tenants of a caller, by the header that it has sent; None for every tenant.

        Raises:
            Refused: there is no token, or it is not taken.
            camunda_core.errors.Unavailable: the keys of the provider cannot be had.
        """
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Refused("Access Denied")
        claims = await self._verified(token.strip())
        if self._tenants is None:
            return None
        found = self._tenants(claims) if callable(self._tenants) else claims.get(self._tenants)
        named = [found] if isinstance(found, str) else found
        return frozenset(each for each in named or () if isinstance(each, str))

    async def _verified(self, token: str) -> Claims:
        digest, now = _digest(token), time.time()
        if digest in self._revoked:
            raise Refused("error decoding jwt")
        claims = self._accepted.get(digest)
        if claims is not None and claims["exp"] + self._leeway > now:
            return claims
        claims = await self._decoded(token)
        if digest in self._revoked:  # meanwhile
            raise Refused("error decoding jwt")
        while len(self._accepted) >= _REMEMBERED:
            with contextlib.suppress(KeyError, StopIteration, RuntimeError):  # revoked beside us
                self._accepted.pop(next(iter(self._accepted)))
        self._accepted[digest] = claims
        return claims

    async def _decoded(self, token: str) -> Claims:
        import jwt

        try:
            key = await self._keys.of(jwt.get_unverified_header(token).get("kid"))
            claims: Claims = jwt.decode(
                token,
                key,
                ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": ["exp"], "verify_iat": False},
            )
        except jwt.ExpiredSignatureError:
            raise Refused("the token has expired") from None
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError, jwt.MissingRequiredClaimError):
            raise Refused("the provided claims are invalid") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Refused("error decoding jwt") from None
        return claims


class _Keys:
    """The keys of a provider by their ids, fetched when they are needed."""

    def __init__(self, issuer: str, given: str | Mapping[str, Any] | None) -> None:
        self._issuer = issuer
        self._url: str | None = None
        self._by_id: dict[str | None, Any] = {}
        self._fetched = self._tried = float("-inf")
        self._fetching: asyncio.Task[None] | None = None
        if isinstance(given, Mapping):
            self._by_id, self._fetched = _read_keys(given), float("inf")
            if not self._by_id:
                raise ConfigurationError("keys must be a JSON Web Key Set with a key to verify with")
        elif given is not None:
            self._url = _web_address(given, "keys")
        else:
            _web_address(issuer, "issuer")

    async def of(self, id_: str | None) -> Any:
        """The key of that id; without one, the only key.

        Raises:
            Refused: the provider does not publish it.
            Unavailable: nobody knows, since nothing can be fetched.
        """
        now = time.monotonic()
        found = self._found(id_)
        stale = now - self._fetched > KEYS_LAST
        if (found is None or stale) and self._fetched != float("inf"):
            # A token with an id that somebody has made up must not make us ask again and again.
            if self._fetching is not None or now - self._tried > FETCH_PAUSE:
                problem = await self._fetch()
                found = self._found(id_)
                if problem and found is None:
                    raise Unavailable(f"The keys of {self._issuer} cannot be fetched: {problem}")
            elif not self._by_id:
                raise Unavailable(f"The keys of {self._issuer} cannot be fetched")
        if found is None:
            raise Refused("error decoding jwt")
        return found

    def _found(self, id_: str | None) -> Any:
        if id_ is None and len(self._by_id) == 1:
            return next(iter(self._by_id.values()))
        return self._by_id.get(id_)

    async def _fetch(self) -> str:
        """Fetches them, once for all who wait; returns why not, if it cannot be done."""
        if self._fetching is None:
            self._tried = time.monotonic()
            self._fetching = asyncio.ensure_future(self._renew())
            self._fetching.add_done_callback(self._over)
        task = self._fetching
        await asyncio.wait({task})
        error = None if task.cancelled() else task.exception()
        return "" if error is None else f"{type(error).__name__}: {error}"

    def _over(self, _: object) -> None:
        self._fetching = None

    async def _renew(self) -> None:
        self._by_id = _read_keys(await asyncio.to_thread(self._document))
        self._fetched = time.monotonic()

    def _document(self) -> Mapping[str, Any]:
        url = self._url
        if url is None:
            described = _fetched(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            url = _web_address(described.get("jwks_uri"), "jwks_uri")
        return _fetched(url)


def _read_keys(document: Mapping[str, Any]) -> dict[str | None, Any]:
    import jwt

    found: dict[str | None, Any] = {}
    for each in document.get("keys", ()):
        with contextlib.suppress(jwt.PyJWTError, AttributeError, TypeError, ValueError):
            if each.get("use", "sig") == "sig" and each.get("kty") != "oct":
                key = jwt.PyJWK(each)
                found[key.key_id] = key
    return found


def _fetched(url: str) -> Mapping[str, Any]:
    opener = build_opener(HTTPSHandler(context=system_context()))
    with opener.open(Request(url, headers={"Accept": "application/json"}), timeout=FETCH_TIMEOUT) as answer:
        found = json.loads(answer.read(_LARGEST))
    if not isinstance(found, dict):
        raise ValueError(f"{url} answers no JSON object")
    return found


def _web_address(value: Any, name: str) -> str:
    scheme = ""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):  # a bracket that is not closed
            scheme = urlsplit(value).scheme
    if scheme not in ("http", "https"):
        raise ConfigurationError(f"{name} must be an address with http:// or https://, not {shown(value)}")
    return str(value)


def _audiences(value: Any) -> tuple[str, ...]:
    found = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else ()
    if not found:
        raise ConfigurationError(f"audience must be text, or several, not {shown(value)}")
    return tuple(text(each, "audience") for each in found)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


_MISSING = "a TokenCheck needs PyJWT and cryptography: install them with pip install 'camunda-bridge[embedded,crypto]'"
