"""What stands before a secured gateway: TLS and the check of tokens, on both wires, in front of the embedded gateway.

It answers as a real 8.6.0 did with ``identity-auth`` (recorded in November 2026): without a token, with one that cannot be read, of
another audience or past its time, each in the words of that wire. Everything else goes through as it is.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import jwt

from tests.fakes.certificates import Pair
from tests.fakes.identity import AUDIENCE, IdentityProvider
from tests.fakes.rest import Exchange, Request, RestServer, Step, answer, close_without_answer, problem
from tests.gateways.base import Gateway

NO_TOKEN = "Expected bearer token at header with key [authorization], but found nothing"
UNREADABLE = "Failed to parse bearer token, see cause for details"
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class Front:
    """Both wires of a gateway, guarded. A context manager.

    Args:
        behind: the gateway that answers what gets through.
        identity: whose tokens are wanted; None wants none.
        tls: the certificate that both ports show; None speaks plaintext.
        client_authority: PEM file: REST verifies a client's certificate if there is one.
    """

    def __init__(
        self,
        behind: Gateway,
        *,
        identity: IdentityProvider | None = None,
        tls: Pair | None = None,
        client_authority: Path | None = None,
    ) -> None:
        self.version = behind.version
        self._behind = behind
        self._keys = jwt.PyJWKClient(identity.keys_url) if identity else None
        self._issuer = identity.issuer if identity else ""
        self._tls = tls
        self._client_authority = client_authority
        self._upstream: set[http.client.HTTPConnection] = set()

    def __enter__(self) -> Front:
        self._start_grpc()
        self._start_rest()
        return self

    def __exit__(self, *error: object) -> None:
        for connection in list(self._upstream):  # polls that nobody waits for any more
            with contextlib.suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        self._rest.stop()
        self._server.stop(0).wait(10)
        self._channel.close()

    @property
    def grpc_address(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def rest_address(self) -> str:
        return self._rest.address

    # The check

    def objection(self, authorization: str | None) -> str:
        """What is wrong with the credentials of a call, in the words of REST; empty when nothing is."""
        if self._keys is None:
            return ""
        kind, _, token = (authorization or "").partition(" ")
        if kind != "Bearer" or not token:
            return "Access Denied"
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            jwt.decode(token, key, ["RS256"], audience=AUDIENCE, issuer=self._issuer)
        except jwt.ExpiredSignatureError:
            return "the token has expired"
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
            return "the provided claims are invalid"
        except (jwt.InvalidTokenError, jwt.PyJWKClientError):
            return "error decoding jwt"
        return ""

    # gRPC

    def _start_grpc(self) -> None:
        self._channel = grpc.insecure_channel(self._behind.grpc_address)
        self._server = grpc.server(ThreadPoolExecutor(32))
        self._server.add_generic_rpc_handlers((_Guarded(self, self._channel),))
        if self._tls is None:
            self._port = self._server.add_insecure_port("127.0.0.1:0")
        else:
            pair = (self._tls.key.read_bytes(), self._tls.certificate.read_bytes())
            self._port = self._server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
        self._server.start()

    # REST

    def _start_rest(self) -> None:
        context = None
        if self._tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._tls.certificate, self._tls.key)
            if self._client_authority is not None:
                context.verify_mode = ssl.CERT_OPTIONAL
                context.load_verify_locations(self._client_authority)
        self._rest = RestServer(tls=context)
        self._rest.script(self._guard)

    def _guard(self, exchange: Exchange) -> bool:
        request = exchange.request
        objection = self.objection(request.headers.get("authorization"))
        if objection:
            return problem(401, "Unauthorized", objection, instance=request.target)(exchange)
        return self._forwarded(request)(exchange)

    def _forwarded(self, request: Request) -> Step:
        """What the gateway answers; the end of the connection when it does not."""
        behind = http.client.HTTPConnection(self._behind.rest_address.partition("://")[2], timeout=60)
        self._upstream.add(behind)
        try:
            behind.request(request.method, request.target, request.body, dict(request.headers))
            found = behind.getresponse()
            content = found.read()
        except http.client.HTTPException:
            return close_without_answer()
        finally:
            self._upstream.discard(behind)
            behind.close()
        headers = {name: value for name, value in found.getheaders() if name.lower() not in _HOP}
        return answer(found.status, content, content_type="", headers=headers)


class _Guarded(grpc.GenericRpcHandler):
    """Passes bytes on to the channel behind, whatever the method."""

    def __init__(self, front: Front, channel: grpc.Channel) -> None:
        self._front = front
        self._channel = channel

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        def answer(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
            sent = dict(context.invocation_metadata())
            if objection := self._front.objection(sent.get("authorization")):
                denied = objection == "Access Denied"
                context.abort(grpc.StatusCode.UNAUTHENTICATED, NO_TOKEN if denied else UNREADABLE)
            call = self._channel.unary_stream(details.method)(request, timeout=context.time_remaining())
            context.add_callback(call.cancel)
            try:
                yield from call
            except grpc.RpcError as error:
                refused: Any = error
                context.set_trailing_metadata(tuple(refused.trailing_metadata() or ()))
                context.abort(refused.code(), refused.details())

        return grpc.unary_stream_rpc_method_handler(answer)
