from __future__ import annotations

import socket
import ssl
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from camunda_core._outbound import system_roots
from camunda_core.errors import ConfigurationError
from camunda_core.tls import Tls


def shake_hands(pem: Path, context: ssl.SSLContext, server_name: str) -> tuple[str | None, Any]:
    """TLS with a server that demands a client certificate: what the client negotiated, whom the server saw."""
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=pem / "ca.pem")
    server_context.load_cert_chain(pem / "server.pem", pem / "server.key")
    server_context.verify_mode = ssl.CERT_REQUIRED
    ours, theirs = socket.socketpair()
    seen: list[Any] = []

    def serve() -> None:
        try:
            with server_context.wrap_socket(theirs, server_side=True) as server:
                seen.append(server.getpeercert())
                server.sendall(b"!")
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        ours.settimeout(30)
        with context.wrap_socket(ours, server_hostname=server_name) as client:
            client.recv(1)  # TLS 1.3 refuses a client certificate only after the client's side is done
            version = client.version()
    finally:
        ours.close()
        thread.join(30)
    return version, seen[0]["subject"]


def as_paths(pem: Path, key: str) -> dict[str, Any]:
    return {"ca": pem / "ca.pem", "certificate": str(pem / "client.pem"), "key": pem / key}


def as_bytes(pem: Path, key: str) -> dict[str, Any]:
    return {name: Path(path).read_bytes() for name, path in as_paths(pem, key).items()}


def as_text(pem: Path, key: str) -> dict[str, Any]:
    return {name: Path(path).read_text() for name, path in as_paths(pem, key).items()}


@pytest.mark.parametrize("given", [as_paths, as_bytes, as_text])
@pytest.mark.parametrize(("key", "password"), [("client.key", None), ("client-encrypted.key", "open-sesame")])
def test_mutual_tls_works_with_paths_bytes_and_text(
    pem: Path, given: Any, key: str, password: str | None
) -> None:
    tls = Tls(**given(pem, key), key_password=password)
    version, client = shake_hands(pem, tls.ssl_context(), "gateway.test")
    assert version in ("TLSv1.2", "TLSv1.3")
    assert client == ((("commonName", "client"),),)


def test_a_key_may_stand_in_the_file_of_its_certificate(pem: Path) -> None:
    both = (pem / "client.pem").read_bytes() + (pem / "client.key").read_bytes()
    tls = Tls(ca=pem / "ca.pem", certificate=both)
    assert shake_hands(pem, tls.ssl_context(), "gateway.test")[1] == ((("commonName", "client"),),)
    assert tls.for_grpc()["private_key"] == (pem / "client.key").read_bytes()


def test_the_name_of_the_server_is_verified(pem: Path) -> None:
    context = Tls(**as_paths(pem, "client.key")).ssl_context()
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'other\.test'"):
        shake_hands(pem, context, "other.test")


def test_a_private_authority_replaces_the_systems_unless_asked_otherwise(pem: Path) -> None:
    tls = Tls(ca=pem / "ca.pem")
    assert len(tls.ssl_context().get_ca_certs()) == 1
    both = tls.ssl_context(system_store=True).get_ca_certs()
    assert len(both) == 1 + len(ssl.create_default_context().get_ca_certs())


def test_without_arguments_the_system_is_trusted() -> None:
    tls = Tls()
    assert tls.ssl_context().verify_mode == ssl.CERT_REQUIRED
    assert tls.for_grpc() == {
        "root_certificates": system_roots(),
        "private_key": None,
        "certificate_chain": None,
    }


def test_prose_around_the_pem_is_no_hindrance(pem: Path) -> None:
    tls = Tls(ca="# Autorität für Tests\n" + (pem / "ca.pem").read_text() + "# Ende\n")
    assert tls.for_grpc()["root_certificates"] == (pem / "ca.pem").read_bytes()


def test_grpc_gets_bytes(pem: Path) -> None:
    assert Tls(**as_paths(pem, "client.key")).for_grpc() == {
        "root_certificates": (pem / "ca.pem").read_bytes(),
        "private_key": (pem / "client.key").read_bytes(),
        "certificate_chain": (pem / "client.pem").read_bytes(),
    }


def test_an_encrypted_key_is_decrypted_in_memory_for_grpc(pem: Path) -> None:
    tls = Tls(**as_paths(pem, "client-encrypted.key"), key_password="open-sesame")
    key = tls.for_grpc()["private_key"]
    assert key is not None
    assert key.startswith(b"-----BEGIN PRIVATE KEY-----")
    plain = Tls(**as_paths(pem, "client-encrypted.key") | {"key": key})  # it belongs to the certificate
    assert plain.for_grpc()["private_key"] is not None


def test_an_encrypted_key_over_grpc_names_what_is_to_be_installed(
    pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = Tls(**as_paths(pem, "client-encrypted.key"), key_password="open-sesame")
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(
        ConfigurationError, match=r"client-encrypted\.key is encrypted.*camunda-bridge\[crypto\]"
    ):
        tls.for_grpc()


def test_a_minimum_version_is_asked_of_http_and_refused_for_grpc(pem: Path) -> None:
    tls = Tls(ca=pem / "ca.pem", minimum_version="1.3")
    assert tls.ssl_context().minimum_version is ssl.TLSVersion.TLSv1_3
    with pytest.raises(ConfigurationError, match=r"minimum_version='1\.3' cannot be asked of gRPC"):
        tls.for_grpc()
    with pytest.raises(ConfigurationError, match=r'minimum_version must be "1\.2"'):
        Tls(minimum_version="1.1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ca": "/no/such.pem"}, "ca /no/such.pem cannot be read: No such file"),
        ({"ca": "{pem}"}, "ca {pem} cannot be read: Is a directory"),
        ({"ca": "{pem}/README.md"}, r"ca {pem}/README.md is not PEM \(no -----BEGIN"),
        ({"ca": b"\x30\x82"}, r"ca \(given as PEM\) is not PEM"),
        ({"ca": "{pem}/client.key"}, "ca {pem}/client.key holds no certificate"),
        ({"ca": 7}, "ca must be PEM as bytes or text, or a path, not int"),
        (
            {"ca": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
            r"ca \(given as PEM\) cannot be read as PEM",
        ),
        ({"certificate": "{pem}/client.key"}, "certificate {pem}/client.key holds no certificate"),
        ({"certificate": "{pem}/client.pem"}, "certificate {pem}/client.pem needs its private key"),
        ({"key": "{pem}/client.key"}, "a key needs its certificate"),
        ({"certificate": "{pem}/client.pem", "key": "{pem}/ca.pem"}, "key {pem}/ca.pem holds no private key"),
        (
            {"certificate": "{pem}/client.pem", "key": "{pem}/server.key"},
            "the key {pem}/server.key does not belong to the certificate {pem}/client.pem",
        ),
        (
            {"certificate": "{pem}/client.pem", "key": "{pem}/client-encrypted.key"},
            "the key {pem}/client-encrypted.key is encrypted; give key_password",
        ),
        (
            {
                "certificate": "{pem}/client.pem",
                "key": "{pem}/client-encrypted.key",
                "key_password": "hidden",
            },
            "key_password does not open the key {pem}/client-encrypted.key",
        ),
        (
            {
                "certificate": "{pem}/client.pem",
                "key": "{pem}/client-encrypted.key",
                "key_password": "h" * 2000,
            },
            r"key_password does not open the key .* \(password cannot be longer",
        ),
        (
            {
                "certificate": "{pem}/client.pem",
                "key": "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----",
            },
            r"certificate {pem}/client.pem and key \(given as PEM\) cannot be loaded",
        ),
        ({"key_password": "hidden"}, "key_password is given without a key"),
        (
            {"certificate": "{pem}/client.pem", "key": "{pem}/client.key", "key_password": 7},
            "key_password must be text",
        ),
        ({"server_name": " "}, "server_name must be the name of a host"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_made(
    pem: Path, arguments: dict[str, Any], message: str
) -> None:
    arguments = {
        name: value.replace("{pem}", str(pem)) if isinstance(value, str) else value
        for name, value in arguments.items()
    }
    with pytest.raises(ConfigurationError, match="^Tls: .*" + message.replace("{pem}", str(pem))) as caught:
        Tls(**arguments)
    assert "hidden" not in str(caught.value)


def test_the_representation_shows_files_and_no_content(pem: Path) -> None:
    tls = Tls(
        ca=(pem / "ca.pem").read_text(),
        certificate=pem / "client.pem",
        key=(pem / "client-encrypted.key").read_bytes(),
        key_password="open-sesame",
        server_name="gateway.test",
    )
    assert repr(tls) == (
        f"Tls(ca=(given as PEM), certificate={pem / 'client.pem'}, key=(given as PEM), key_password=***, "
        "server_name=gateway.test)"
    )


def test_files_are_read_once_so_that_a_client_does_not_change_under_way(pem: Path, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes((pem / "ca.pem").read_bytes())
    tls = Tls(ca=file)
    file.unlink()
    assert len(tls.ssl_context().get_ca_certs()) == 1
