"""The words for a proxy that is spoken to in TLS, and the two ends of what is carried."""

from __future__ import annotations

import socket
import ssl
from unittest.mock import Mock

import pytest

from camunda_core._aio_tls_proxy import Side
from camunda_core._tls_proxy import login_of, place_of, proxy_failure

PROXY = "https://me:s3cret@proxy.test"


@pytest.mark.parametrize(
    ("error", "said", "lasting"),
    [
        (TimeoutError(), "did not answer in time", False),
        (socket.gaierror(-2, "unknown"), "its name has no address", False),
        (ConnectionRefusedError(111, "Connection refused"), "cannot be reached: Connection refused", False),
        (ssl.SSLEOFError(8, "EOF"), "ended the connection", False),
        (ConnectionResetError("gone"), "ended the connection (gone)", False),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong"), "write http:// for it", True),
        (ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]"), "None is shown to a proxy", True),
        (
            ssl.CertificateError("Hostname mismatch, not valid for 'x'"),
            "name it as its certificate does",
            True,
        ),
        (ssl.CertificateError("certificate has expired"), "valid now", True),
        (ssl.CertificateError("self-signed certificate"), "REQUESTS_CA_BUNDLE", True),
    ],
)
def test_each_failure_is_said_with_the_way_out(error: Exception, said: str, lasting: bool) -> None:
    failure = proxy_failure(error, PROXY)
    assert str(failure).startswith("the proxy https://proxy.test:443 ")
    assert said in str(failure)
    assert failure.lasting is lasting
    assert "s3cret" not in str(failure)


def test_where_it_is_and_how_one_logs_in() -> None:
    assert place_of("https://[::1]") == ("::1", 443)
    assert place_of("http://proxy.test") == ("proxy.test", 80)
    assert login_of("https://me:a%20b@proxy.test") == "Basic bWU6YSBi"
    assert login_of("https://proxy.test") is None


def test_an_end_that_is_slow_slows_the_other() -> None:
    slow, quick = Side(), Side()
    slow.other, quick.other = quick, slow
    for each in (slow, quick):
        each.connection_made(Mock(is_closing=lambda: False))
    slow.pause_writing()
    quick.transport.pause_reading.assert_called_once_with()
    slow.resume_writing()
    quick.transport.resume_reading.assert_called_once_with()
