from __future__ import annotations

import pytest

from camunda_core._proxies import was_not_handed_on

ENVOY = "upstream connect error or disconnect/reset before headers. reset reason: "
RETRIED = "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: "


def nginx(title: str) -> str:
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx/1.27.1</center>\r\n</body>\r\n</html>\r\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "no healthy upstream",
        ENVOY + "connection failure",
        ENVOY + "connection failure, transport failure reason: delayed connect error: 111",
        ENVOY
        + "remote connection failure, transport failure reason: delayed connect error: Connection refused",
        ENVOY + "local connection failure",
        ENVOY + "connection timeout",
        ENVOY + "overflow",
        ENVOY + "remote refused stream reset",
        '{"code":503,"message":"no healthy upstream"}',
        "dial tcp 10.0.0.7:8080: connect: connection refused",
        "immediate connect error: Cannot assign requested address",
        nginx("503 Service Temporarily Unavailable"),
        "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>",
        "no available server\n",
        "Received http2 header with status: 429",
        "Received RST_STREAM with error code 7",
    ],
)
def test_a_proxy_that_had_no_connection_to_write_into_has_handed_nothing_on(text: str) -> None:
    assert was_not_handed_on(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Service Unavailable",
        "upstream connect error or disconnect/reset before headers",
        "upstream request timeout",
        ENVOY + "connection termination",
        ENVOY + "connection termination, transport failure reason: connection refused",
        ENVOY + "remote reset",
        ENVOY + "local reset",
        ENVOY + "protocol error",
        ENVOY + "something new",
        RETRIED
        + "remote connection failure, transport failure reason: delayed connect error: Connection refused",
        RETRIED + "connection failure",
        nginx("502 Bad Gateway"),
        nginx("504 Gateway Time-out"),
        nginx("503 Service Unavailable"),
        "503 Service Temporarily Unavailable",
        "The server returned an invalid or incomplete response.",
        "no available server, says the application",
        "Received http2 header with status: 502",
        "Received http2 header with status: 503",
        "Received http2 header with status: 504",
        "Received RST_STREAM with error code 2",
        "Received RST_STREAM with error code 77",
        "Socket closed",
    ],
)
def test_anything_else_may_hide_an_execution(text: str) -> None:
    assert not was_not_handed_on(text)
