"""What the refusal of a proxy proves: whether it had handed the request on when it gave up.

Between a client and the gateway stand load balancers, ingress controllers and the sidecars of
service meshes. When one of them answers 502, 503 or 504 (over gRPC: UNAVAILABLE without the
gateway's status details), the gateway has not spoken. It may have received and executed the
command, and the way back broke; or it never saw it. Both wires ask ``was_not_handed_on``: an
operation that must not run twice is repeated only where the text of the answer proves that
nothing was handed on.

    text of the answer                               proof  why
    Envoy: no healthy upstream                       yes    no host was left to choose
    Envoy: reset reason: connection failure          yes    "local" and "remote" too: there was no connection to write into
    Envoy: reset reason: connection timeout          yes    connecting took too long
    Envoy: reset reason: overflow                    yes    its circuit breaker let no request through
    Envoy: reset reason: remote refused stream reset yes    HTTP/2's REFUSED_STREAM: no part of it was processed (RFC 9113, 8.7)
    Envoy: reset reason: anything else               no     "connection termination", "remote reset", "protocol error": the
                                                            request was under way when the connection ended
    Envoy: retried and the latest reset reason: ...  no     only the last of several attempts is told; an earlier one may
                                                            have been executed
    Envoy: upstream request timeout                  no     it was handed on, and waited for
    delayed or immediate connect error               yes    a connection was never made
    connection refused                               yes    the same, in the words of the operating system
    nginx's page of a 503                            yes    it writes this itself, for its limits and for a service without
                                                            endpoints; the 503 of a server behind it passes with its own body
    nginx's page of a 502 or 504                     no     one page for two stories: the connection was refused or took too
                                                            long, or it broke (or stayed silent) after the request was sent
    HAProxy: No server is available                  yes    no server was up, or none took the connection
    Traefik: no available server                     yes    no server was left to choose
    grpcio: http2 header with status: 429            yes    a rate limit refuses before it hands on
    grpcio: http2 header with status: 502, 503, 504  no     the page that said why is lost
    grpcio: RST_STREAM with error code 7             yes    REFUSED_STREAM, as above
    anything else, nothing at all                    no     what is not known proves nothing

An unproven case costs an error that the caller sees; a wrong proof would cost a second process
instance that nobody sees.
"""

from __future__ import annotations

import re

from camunda_core._patterns import pattern

__all__ = ["was_not_handed_on"]

_AFTER_OTHER_ATTEMPTS = pattern(r"retried and the latest", re.IGNORECASE)
_RESET_REASON = pattern(r"reset reason: ([a-z0-9/ ]*[a-z])", re.IGNORECASE)
_BEFORE_THE_REQUEST = frozenset(
    {
        "connection failure",
        "local connection failure",
        "remote connection failure",
        "connection timeout",
        "overflow",
        "remote refused stream reset",
    }
)
_PROOF = pattern(
    r"no healthy upstream"
    r"|(?:delayed|immediate) connect error"
    r"|connection refused"
    r"|503 Service Temporarily Unavailable (?:nginx|openresty)\b"
    r"|No server is available to handle this request"
    r"|^no available server$"
    r"|http2 header with status: 429\b"
    r"|RST_STREAM with error code 7\b",
    re.IGNORECASE,
)
_MARKUP = pattern(r"<[^>]*>")


def was_not_handed_on(text: str) -> bool:
    """Whether a proxy's text (a page, or a gRPC status message) proves that nothing of the request
    reached the server behind it.
    """
    if _AFTER_OTHER_ATTEMPTS.search(text):
        return False
    reason = _RESET_REASON.search(text)
    if reason:
        return reason[1].lower() in _BEFORE_THE_REQUEST
    return _PROOF.search(" ".join(_MARKUP.sub(" ", text).split())) is not None
