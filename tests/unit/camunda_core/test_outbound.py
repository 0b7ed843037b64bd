"""The proxy of an address and the authorities that are trusted, as the environment says."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from camunda_core._outbound import environment_proxy, system_context, system_roots
from camunda_core.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _no_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


PROXY = "http://proxy.test:3128"


@pytest.mark.parametrize(
    ("env", "url", "used"),
    [
        ({"http_proxy": PROXY}, "http://gateway.test:8080", True),
        ({"HTTP_PROXY": PROXY}, "http://gateway.test:8080", True),
        ({"http_proxy": PROXY}, "https://gateway.test", False),
        ({"https_proxy": PROXY}, "https://gateway.test", True),
        ({"https_proxy": PROXY}, "http://gateway.test:8080", False),
        ({"ALL_PROXY": PROXY}, "https://gateway.test", True),
        ({"http_proxy": PROXY, "no_proxy": "*"}, "http://gateway.test:8080", False),
        ({"http_proxy": PROXY, "NO_PROXY": "*"}, "http://gateway.test:8080", False),
        ({"http_proxy": PROXY, "no_proxy": "*"}, "http://10.1.2.3:8080", False),
        ({"http_proxy": PROXY, "no_proxy": "other.test, .test"}, "http://gateway.test:8080", False),
        ({"http_proxy": PROXY, "no_proxy": "gateway.test:8080"}, "http://gateway.test:8080", False),
        ({"http_proxy": PROXY, "no_proxy": "gateway.test:9090"}, "http://gateway.test:8080", True),
        ({"http_proxy": PROXY, "no_proxy": "10.0.0.0/8"}, "http://10.1.2.3:8080", False),
        ({"http_proxy": PROXY, "no_proxy": "10.0.0.0/8"}, "http://11.1.2.3:8080", True),
        ({"http_proxy": PROXY, "no_proxy": "10.1.2.3"}, "http://10.1.2.3:8080", False),
        ({"http_proxy": PROXY, "no_proxy": "fd00::/8"}, "http://[fd00::1]:8080", False),
        ({"http_proxy": PROXY, "no_proxy": "lower.test", "NO_PROXY": "*"}, "http://gateway.test", True),
        ({}, "http://gateway.test:8080", False),
    ],
)
def test_a_proxy_is_used_as_requests_would(
    env: dict[str, str], url: str, used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from requests.utils import get_environ_proxies, select_proxy

    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert environment_proxy(url) == (PROXY if used else None)
    if "fd00" not in url:  # networks of IPv6 are beyond requests
        assert bool(select_proxy(url, get_environ_proxies(url, no_proxy=None))) is used


def test_a_proxy_without_a_scheme_is_an_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "proxy.test:3128")
    assert environment_proxy("http://gateway.test") == PROXY


@pytest.fixture
def ca(pem: Path) -> str:
    """The authority of the tests, as one writes certificates out of a context."""
    der = ssl.PEM_cert_to_DER_cert((pem / "ca.pem").read_text())
    return ssl.DER_cert_to_PEM_cert(der)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_file_of_authorities_is_trusted(
    name: str, pem: Path, ca: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ca not in (system_roots() or b"").decode()
    monkeypatch.setenv(name, str(pem / "ca.pem"))
    assert ca in (system_roots() or b"").decode()


@pytest.mark.parametrize("name", ["SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"])
def test_a_folder_of_authorities_is_trusted_as_openssl_names_its_files(
    name: str, pem: Path, ca: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "ca.pem").write_text(ca)
    (tmp_path / "0123abcd.1").write_text("-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")
    assert ca not in (system_roots() or b"").decode()
    (tmp_path / "0123abcd.0").write_text("# a comment\n" + ca)
    assert ca in (system_roots() or b"").decode()


def test_where_nothing_is_trusted_there_are_no_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert system_roots() is None


def test_a_bundle_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "missing.pem"))
    for use in (system_context, system_roots):
        with pytest.raises(ConfigurationError, match=r"^CURL_CA_BUNDLE=.*missing\.pem cannot be read"):
            use()
