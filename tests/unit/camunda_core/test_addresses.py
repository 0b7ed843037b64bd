from __future__ import annotations

from typing import Any

import pytest

from camunda_core._addresses import grpc_target, rest_base
from camunda_core.errors import ConfigurationError


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("http://localhost:8080", "http://localhost:8080/v2"),
        ("http://localhost:8080/", "http://localhost:8080/v2"),
        ("http://localhost:8080/v2", "http://localhost:8080/v2"),
        ("http://localhost:8080/v2///", "http://localhost:8080/v2"),
        ("https://host/cluster-id", "https://host/cluster-id/v2"),
        ("https://host/cluster-id/v2/", "https://host/cluster-id/v2"),
        ("https://host:443/a/b/c", "https://host:443/a/b/c/v2"),
        ("https://host/my-v2", "https://host/my-v2/v2"),
        ("HTTPS://Host.Example", "https://host.example/v2"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x/v2"),
        ("http://[::1]", "http://[::1]/v2"),
        ("http://10.0.0.1", "http://10.0.0.1/v2"),
        ("https://host/a%20b", "https://host/a%20b/v2"),
        ("  http://host:1 \n", "http://host:1/v2"),
    ],
)
def test_a_rest_address_becomes_the_base_of_v2(address: str, base: str) -> None:
    assert rest_base(address) == base
    assert rest_base(base) == base, "and stays so"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "is empty"),
        (None, "must be text such as http://localhost:8080, not NoneType"),
        (
            "localhost:8080",
            "localhost:8080 has no scheme.*: write http://localhost:8080 or https://localhost:8080",
        ),
        ("localhost", "has no scheme"),
        ("grpcs://host:443", "is a gRPC address"),
        ("ftp://host", "must be http or https"),
        ("http://", "has no host"),
        ("http://:8080", "has no host"),
        ("http://host:", "has no port after the colon"),
        ("http://host:0", "must be a number from 1 to 65535"),
        ("http://host:65536", "must be a number from 1 to 65535"),
        ("http://host:abc", "must be a number from 1 to 65535"),
        ("http://[::1", "cannot be read"),
        ("http://host/?tenant=hidden", "without a query or a fragment"),
        ("http://host/#hidden", "without a query or a fragment"),
        ("http://host?", "without a query or a fragment"),
        ("http://demo:hidden@host", r"carries credentials; give credentials=Basic\(username, password\)"),
        ("http://demo:hid/hidden@host", "http://…@host must be a number"),
        ("http://my host", "contains a blank"),
        ("http://host\\v2", "a backslash"),
        ("http://ho\x00st", "a control character"),
    ],
)
def test_what_is_no_rest_address_is_refused_with_the_way_out(address: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^rest_address:? .*{message}") as caught:
        rest_base(address)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "target", "secure"),
    [
        ("localhost:26500", "localhost:26500", False),
        ("localhost", "localhost:26500", False),
        ("10.0.0.1:1234", "10.0.0.1:1234", False),
        ("[::1]", "[::1]:26500", False),
        ("[::1]:1234", "[::1]:1234", False),
        ("host:443", "host:443", True),
        ("http://host", "host:26500", False),
        ("http://host:443", "host:443", False),
        ("grpc://host:26500/", "host:26500", False),
        ("https://host", "host:443", True),
        ("grpcs://host", "host:443", True),
        ("GRPCS://Host:26500", "host:26500", True),
        ("https://[2001:db8::1]", "[2001:db8::1]:443", True),
        ("dns:///host:26500", "dns:///host:26500", False),
        ("dns:///host:443", "dns:///host:443", True),
        ("dns:///host", "dns:///host:26500", False),
        ("dns://8.8.8.8/host", "dns://8.8.8.8/host:26500", False),
        ("dns:host:26500", "dns:host:26500", False),
        ("dns:26500", "dns:26500", False),
        ("unix:/run/zeebe.sock", "unix:/run/zeebe.sock", False),
        ("unix:///run/zeebe.sock", "unix:///run/zeebe.sock", False),
        ("unix-abstract:zeebe", "unix-abstract:zeebe", False),
        ("ipv4:10.0.0.1:26500,10.0.0.2:26500", "ipv4:10.0.0.1:26500,10.0.0.2:26500", False),
        ("ipv6:[::1]:443", "ipv6:[::1]:443", True),
        ("xds:///zeebe", "xds:///zeebe", False),
        (" host:1 ", "host:1", False),
    ],
)
def test_a_grpc_address_becomes_a_target_and_says_whether_tls_is_wanted(
    address: str, target: str, secure: bool
) -> None:
    assert grpc_target(address) == (target, secure)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "is empty"),
        (26500, "must be text such as http://localhost:8080, not int"),
        (
            "http://host/path",
            "a gRPC address has no path, but http://host/path has one; is it the REST address?",
        ),
        ("host:26500/v2", "a gRPC address has no path"),
        ("ftp://host", "the scheme of ftp://host is none of http, grpc, https, grpcs, dns"),
        ("::1", r"an IPv6 address needs brackets: \[::1\] or \[::1\]:26500"),
        ("2001:db8::1:26500", "an IPv6 address needs brackets"),
        ("host:", "has no port after the colon"),
        ("host:0", "must be a number from 1 to 65535"),
        ("host:abc", "must be a number from 1 to 65535"),
        (":26500", "has no host"),
        ("https://", "has no host"),
        ("http://demo:hidden@host", "carries credentials"),
        ("demo:hidden@host:26500", "carries credentials"),
        ("http://host?hidden=1", "without a query"),
        ("dns:///", "names nothing to connect to"),
        ("unix:", "names nothing to connect to"),
        ("dns:///host:0", "must be a number from 1 to 65535"),
        ("host name:1", "contains a blank"),
    ],
)
def test_what_is_no_grpc_address_is_refused_with_the_way_out(address: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^grpc_address:? .*{message}") as caught:
        grpc_target(address)
    assert "hidden" not in str(caught.value)


def test_errors_speak_of_the_setting_by_the_callers_name() -> None:
    with pytest.raises(ConfigurationError, match=r"^CAMUNDA_REST_ADDRESS: "):
        rest_base("host:1", "CAMUNDA_REST_ADDRESS")
    with pytest.raises(ConfigurationError, match=r"^CAMUNDA_GRPC_ADDRESS: "):
        grpc_target("http://host/x", "CAMUNDA_GRPC_ADDRESS")


def test_a_host_in_other_letters_is_written_in_ascii_on_both_wires() -> None:
    assert rest_base("http://bücher.example:1/ä") == "http://xn--bcher-kva.example:1/%C3%A4/v2"
    assert grpc_target("bücher.example:1") == ("xn--bcher-kva.example:1", False)


@pytest.mark.parametrize("host", ["ß.example", "ℂ.example", "h\udc80", f"{'ü' * 70}.example"])
def test_a_host_that_ascii_would_make_another_of_is_refused(host: str) -> None:
    for read in (lambda: rest_base(f"http://{host}"), lambda: grpc_target(f"{host}:1")):
        with pytest.raises(ConfigurationError, match=r"ASCII|half a character"):
            read()


@pytest.mark.parametrize("host", ["a..b", "a" * 64, "h*", "-_-%41", ".".join(["a" * 60] * 5), "[::1"])
def test_a_host_that_can_be_none_is_refused(host: str) -> None:
    for read in (lambda: rest_base(f"http://{host}"), lambda: grpc_target(f"{host}:1")):
        with pytest.raises(ConfigurationError, match="address: "):
            read()


@pytest.mark.parametrize("target", ["ipv4:999.1.1.1:1", "ipv4:127.0.0.1:1,h:2", "ipv6:[::g]:1"])
def test_an_ip_target_names_ip_addresses(target: str) -> None:
    with pytest.raises(ConfigurationError, match=r"no IP address|cannot be read"):
        grpc_target(target)
    assert grpc_target("ipv4:127.0.0.1:1,127.0.0.2:2") == ("ipv4:127.0.0.1:1,127.0.0.2:2", False)
    assert grpc_target("ipv6:[::1]:443") == ("ipv6:[::1]:443", True)
