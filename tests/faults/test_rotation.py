"""Certificate files that are replaced while a client lives count for its new connections, on both wires, sync and asyncio."""

from __future__ import annotations

import asyncio
import datetime
import os
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import bridge
from camunda_core.errors import Unavailable
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.fakes.certificates import strict
from tests.fakes.grpc import Answer, ScriptedGateway
from tests.fakes.ports import free_port
from tests.fakes.rest import RestServer, answer

TOPOLOGY = {
    "brokers": [],
    "clusterSize": 1,
    "partitionsCount": 1,
    "replicationFactor": 1,
    "gatewayVersion": "8.6.0",
}


class Authority:
    """Issues certificates, for 127.0.0.1 and for clients."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.pem = _pem(self._signed(self._name, self._key, ca=True))

    def issue(self) -> tuple[bytes, bytes]:
        """A key and its certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return private, _pem(self._signed(name, key, ca=False))

    def _signed(self, name: x509.Name, key: Any, *, ca: bool) -> x509.Certificate:
        import ipaddress

        now = datetime.datetime.now(datetime.timezone.utc)
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
        )
        own = self._key.public_key()
        return strict(builder, key.public_key(), own, ca=ca).sign(self._key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


OLD, NEW = Authority("old"), Authority("new")


class Gateway:
    """A gateway of one wire that takes clients of one authority, and can be restarted for those of another."""

    def __init__(self, wire: str, tmp_path: Path) -> None:
        self._wire, self._tmp_path = wire, tmp_path
        self._server: Any = None
        self._port = free_port()
        self.start(OLD)

    def start(self, authority: Authority) -> None:
        """Starts it, on the same port, with certificates of ``authority``, after a stop."""
        self.stop()
        key, certificate = authority.issue()
        if self._wire == "REST":
            for name, content in (("s.key", key), ("s.pem", certificate), ("s-ca.pem", authority.pem)):
                (self._tmp_path / name).write_bytes(content)
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self._tmp_path / "s-ca.pem")
            context.load_cert_chain(self._tmp_path / "s.pem", self._tmp_path / "s.key")
            context.verify_mode = ssl.CERT_REQUIRED
            self._server = RestServer(tls=context, port=self._port)
            self._server.script(answer(200, TOPOLOGY))
            return
        self._server = ScriptedGateway(
            credentials=grpc.ssl_server_credentials([(key, certificate)], authority.pem, True),
            port=self._port,
        )
        self._server.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]

    @property
    def argument(self) -> dict[str, str]:
        """How a client is told of it."""
        name = "rest_address" if self._wire == "REST" else "grpc_address"
        return {name: f"https://127.0.0.1:{self._port}"}

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None


@pytest.fixture(params=["REST", "gRPC"])
def gateway(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gateway]:
    made = Gateway(request.param, tmp_path)
    yield made
    made.stop()


def written(folder: Path, authority: Authority) -> None:
    """The files of a client, as a secret that is mounted: a link to a folder, which is turned as a whole."""
    key, certificate = authority.issue()
    version = folder / f"v{len(list(folder.iterdir()))}"
    version.mkdir()
    for name, content in (("ca.pem", authority.pem), ("tls.crt", certificate), ("tls.key", key)):
        (version / name).write_bytes(content)
    turned = folder / "turned"
    turned.symlink_to(version)
    os.replace(turned, folder / "current")


def material(folder: Path) -> Tls:
    current = folder / "current"
    return Tls(ca=current / "ca.pem", certificate=current / "tls.crt", key=current / "tls.key")


Ask = Callable[[], str]


@pytest.fixture(params=["client", "asyncio client", "channel", "asyncio channel"])
def asker(request: pytest.FixtureRequest) -> Iterator[Callable[..., Ask]]:
    """Makes a client of one kind; calling what comes of it asks for the version."""
    closing: list[Callable[[], Any]] = []
    loop = asyncio.new_event_loop()

    def make(**arguments: Any) -> Ask:
        if request.param == "client":
            client = bridge.Client(**arguments)
            closing.append(client.close)
            return lambda: client.topology().gateway_version
        if request.param == "channel":
            channel = bridge.channel(**arguments)
            closing.append(channel.close)
            stub = gateway_pb2_grpc.GatewayStub(channel)
            return lambda: str(stub.Topology(pb.TopologyRequest()).gatewayVersion)
        made: Any = (bridge.AsyncClient if request.param == "asyncio client" else bridge.aio_channel)(
            **arguments
        )
        closing.append(
            lambda: loop.run_until_complete((made.aclose if hasattr(made, "aclose") else made.close)())
        )

        async def ask() -> str:
            if request.param == "asyncio client":
                return (await made.topology()).gateway_version
            aio_stub: Any = gateway_pb2_grpc.GatewayStub(made)
            return str((await aio_stub.Topology(pb.TopologyRequest())).gatewayVersion)

        return lambda: loop.run_until_complete(ask())

    yield make
    for close in closing:
        close()
    loop.close()


def test_replaced_files_count_for_the_next_connection(
    gateway: Gateway, asker: Callable[..., Ask], tmp_path: Path
) -> None:
    folder = tmp_path / "secret"
    folder.mkdir()
    written(folder, OLD)
    ask = asker(**gateway.argument, tls=material(folder), retry=NO_RETRY)
    assert ask() == "8.6.0"
    gateway.start(NEW)
    with pytest.raises(Unavailable):
        _settled(ask)
    written(folder, NEW)
    assert _eventually(ask) == "8.6.0"
    assert ask() == "8.6.0"


def _settled(ask: Ask) -> str:
    """What is answered once the end of the old connection is known: a call that was the first to meet it may fail of that."""
    try:
        return ask()
    except Exception:
        return ask()


def _eventually(ask: Ask) -> str:
    """What is answered once a connection is made: gRPC tries again by itself, a little later."""
    limit = time.monotonic() + 20
    while True:
        try:
            return ask()
        except Unavailable:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)


def test_files_that_are_half_replaced_are_left_alone(
    gateway: Gateway, asker: Callable[..., Ask], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "secret"
    folder.mkdir()
    written(folder, OLD)
    ask = asker(**gateway.argument, tls=material(folder), retry=NO_RETRY)
    assert ask() == "8.6.0"
    key = folder / "current" / "tls.key"
    key.write_bytes(NEW.issue()[0])
    earlier = time.time() - 60
    os.utime(key, (earlier, earlier))  # whoever wrote it is done
    gateway.stop()
    with pytest.raises(Unavailable):
        _settled(ask)
    gateway.start(OLD)
    assert _eventually(ask) == "8.6.0"
    assert "does not belong to the certificate" in caplog.text
