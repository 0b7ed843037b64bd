"""Connections that will never be made as they are asked for: told at once, with what to do, and not tried again."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
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

from camunda_core import errors
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc._handshakes import never_connects, refuses_us, speaks_tls, suspect
from tests.fakes.grpc import ScriptedGateway
from tests.fakes.ports import free_port
from tests.fakes.rest import RestServer
from tests.faults.grpc_sides import SIDES

PEM = Path(__file__).parent.parent / "unit" / "camunda_core" / "pem"
#: Whoever tries again does so long after the test has lost its patience.
RELUCTANT = RetryPolicy(max_attempts=5, initial_delay=60.0, max_delay=60.0)
PATIENCE = 60.0

TOPOLOGY = "Topology", pb.TopologyRequest()
POLL = "ActivateJobs", pb.ActivateJobsRequest(type="t")
STREAM = "StreamActivatedJobs", pb.StreamActivatedJobsRequest(type="t")


def _pem(certificate: x509.Certificate, key: Any) -> tuple[bytes, bytes]:
    private = serialization.PrivateFormat.PKCS8
    return (
        key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()),
        certificate.public_bytes(serialization.Encoding.PEM),
    )


def _dated(days: int) -> tuple[bytes, bytes]:
    """The key and the certificate of a server that are good on the day so many days from now, and their own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(then - datetime.timedelta(days=1))
        .not_valid_after(then)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return _pem(builder.sign(key, hashes.SHA256()), key)


EXPIRED, EARLY = _dated(-365), _dated(365)
GOOD = (PEM / "server.key").read_bytes(), (PEM / "server.pem").read_bytes()


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """The ports of gateways of all kinds, by what is at them."""
    secure = {
        name: ScriptedGateway(credentials=grpc.ssl_server_credentials([pair]))
        for name, pair in (("tls", GOOD), ("expired", EXPIRED), ("early", EARLY))
    }
    mutual = grpc.ssl_server_credentials([GOOD], (PEM / "ca.pem").read_bytes(), require_client_auth=True)
    gateways = {**secure, "mutual tls": ScriptedGateway(credentials=mutual), "plaintext": ScriptedGateway()}
    with RestServer() as rest:
        yield {
            **{name: gateway.address for name, gateway in gateways.items()},
            "REST": rest.address.removeprefix("http://"),
        }
    for gateway in gateways.values():
        gateway.release()
        gateway.stop()


Side = Callable[..., Any]


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    made: list[Any] = []

    def make(address: str, **arguments: Any) -> Any:
        made.append(SIDES[request.param](address, **arguments))
        return made[-1]

    yield make
    for each in made:
        each.close()


#: By the mistake: what is at the port, how it is addressed, with what trust, and what is advised.
MISTAKES: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "unknown authority": ("tls", "https", {}, r"give its authority as tls=Tls\(ca=\.\.\.\)"),
    "wrong name": (
        "tls", "https", {"ca": PEM / "ca.pem", "server_name": "other.test"},
        r"give the name in its certificate as tls=Tls\(server_name=\.\.\.\)",
    ),
    "expired": (
        "expired", "https", {"ca": EXPIRED[1], "server_name": "localhost"}, "valid now|unless its certificate has expired"
    ),
    "not yet valid": ("early", "https", {"ca": EARLY[1], "server_name": "localhost"}, "valid now|unless its certificate"),
    "TLS to a plaintext gateway": ("plaintext", "https", {}, "is this port plain HTTP"),
    "TLS to the plaintext REST port": ("REST", "https", {}, "is this port plain HTTP"),
    "plaintext to a gateway with TLS": ("tls", "http", {}, "speaks TLS: write https://"),
    "plaintext to a gateway with mutual TLS": ("mutual tls", "http", {}, "speaks TLS: write https://"),
    "plaintext to the REST port": ("REST", "http", {}, "is it the REST port"),
}  # fmt: skip


@pytest.mark.parametrize("asked", [TOPOLOGY, POLL, STREAM], ids=lambda asked: asked[0])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_at_once_with_the_way_out(
    side: Side, addresses: dict[str, str], mistake: str, asked: tuple[str, Any]
) -> None:
    server, scheme, trust, advice = MISTAKES[mistake]
    tls = Tls(**trust) if trust else None
    client = side(f"{scheme}://{addresses[server]}", tls=tls, retry=RELUCTANT, timeout=300)
    began = time.monotonic()
    with pytest.raises(errors.Unavailable, match=advice) as caught:
        client.call(*asked) if asked is TOPOLOGY else client.read(*asked)
    assert time.monotonic() - began < PATIENCE
    assert (caught.value.sent, caught.value.lasting) == (False, True)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_to_a_future_too(addresses: dict[str, str], mistake: str) -> None:
    server, scheme, trust, advice = MISTAKES[mistake]
    tls = Tls(**trust) if trust else None
    client = SIDES["sync"](f"{scheme}://{addresses[server]}", tls=tls, retry=RELUCTANT, timeout=300)
    with pytest.raises(errors.Unavailable, match=advice):
        client.stub.Topology.future(TOPOLOGY[1]).result(timeout=PATIENCE)
    client.close()


@pytest.mark.parametrize(
    ("ours", "advice"),
    [
        ({}, r"does it ask for a client certificate, tls=Tls\(certificate=\.\.\., key=\.\.\.\)\?"),
        (
            {"certificate": EXPIRED[1], "key": EXPIRED[0]},
            "does it trust the authority of our client certificate",
        ),
    ],
    ids=["none", "foreign"],
)
@pytest.mark.parametrize("asked", [TOPOLOGY, POLL, STREAM], ids=lambda asked: asked[0])
def test_a_client_certificate_that_is_missed_is_named(
    side: Side, addresses: dict[str, str], ours: dict[str, Any], advice: str, asked: tuple[str, Any]
) -> None:
    tls = Tls(ca=PEM / "ca.pem", **ours)
    client = side(f"https://{addresses['mutual tls']}", tls=tls, retry=NO_RETRY, timeout=300)
    with pytest.raises(errors.Unavailable, match=advice) as caught:
        client.call(*asked) if asked is TOPOLOGY else client.read(*asked)
    assert not caught.value.sent


def test_a_server_that_names_its_objection_is_not_asked_again() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(PEM / "ca.pem"))
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    with RestServer(tls=context) as server:
        address = server.address.removeprefix("https://")
        said = refuses_us(Tls(ca=PEM / "ca.pem"), "127.0.0.1", f"ipv4:{address}", PATIENCE)
        assert said is not None
        assert "asks for a client certificate" in said
        assert never_connects(f"failed to connect; {said}") is not None
        ours = {"certificate": PEM / "client.pem", "key": PEM / "client.key"}
        assert refuses_us(Tls(ca=PEM / "ca.pem", **ours), "127.0.0.1", f"ipv4:{address}", 0.2) is None


@pytest.mark.parametrize(
    "ours", [{}, {"certificate": EXPIRED[1], "key": EXPIRED[0]}], ids=["none", "foreign"]
)
def test_the_way_out_is_told_after_further_attempts_too(
    side: Side, addresses: dict[str, str], ours: dict[str, Any]
) -> None:
    client = side(
        f"https://{addresses['mutual tls']}",
        tls=Tls(ca=PEM / "ca.pem", **ours),
        retry=RetryPolicy(max_attempts=3, initial_delay=0.0),
        timeout=300,
    )
    with pytest.raises(errors.Unavailable, match="hung up right after the TLS handshake; does it") as caught:
        client.call(*TOPOLOGY)
    assert caught.value.attempts == 3
    assert caught.value.message.count("hung up") == 1


@pytest.mark.parametrize(
    "ours", [{}, {"certificate": EXPIRED[1], "key": EXPIRED[0]}], ids=["none", "foreign"]
)
def test_an_alert_after_the_handshake_is_final(side: Side, ours: dict[str, Any]) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(PEM / "ca.pem"))
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    context.set_alpn_protocols(["h2"])
    context.verify_mode = ssl.CERT_REQUIRED
    advice = "does not accept the client certificate" if ours else "asks for a client certificate"
    with RestServer(tls=context) as server:
        client = side(server.address, tls=Tls(ca=PEM / "ca.pem", **ours), retry=RELUCTANT, timeout=300)
        with pytest.raises(errors.Unavailable, match=advice) as caught:
            client.call(*TOPOLOGY)
    assert (caught.value.sent, caught.value.lasting, caught.value.attempts) == (False, True, 1)


class HangsUp:
    """Takes connections and ends them without a word, as a port that is forwarded to a gateway that is still starting."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.taken = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                taken, _ = self._listener.accept()
            except OSError:
                return
            self.taken += 1
            taken.close()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)


def test_a_gateway_that_is_still_starting_behind_a_forwarded_port_is_tried_again(side: Side) -> None:
    server = HangsUp()
    policy = RetryPolicy(max_attempts=4, initial_delay=0.4, max_delay=0.4)
    with pytest.raises(errors.Unavailable) as caught:
        side(f"http://{server.address}", retry=policy).call(*TOPOLOGY)
    server.stop()
    assert "TLS" not in caught.value.message
    assert server.taken > 2  # the first attempt, the question whether it speaks TLS, and further attempts


def test_a_gateway_that_is_down_is_no_mistake(side: Side) -> None:
    with pytest.raises(errors.Unavailable) as caught:
        side(f"https://127.0.0.1:{free_port()}", retry=NO_RETRY).call(*TOPOLOGY)
    assert never_connects(caught.value.message) is None


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (
            "Ssl handshake failed (TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: … CERTIFICATE_VERIFY_FAILED",
            "authority",
        ),
        ("Peer name gateway is not in peer certificate", "server_name"),
        (
            "SSL_ERROR_SSL: error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA",
            "certificate=",
        ),
        (
            "recvmsg:[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] sslv3 alert certificate expired (_ssl.c:1006) (1)",
            "does not accept the client certificate",
        ),
        ("recvmsg:[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert", "asks for a client certificate"),
        ("OPENSSL_internal:TLSV1_ALERT_PROTOCOL_VERSION: OK", "no version of TLS that we do"),
        ("TLS handshake failed: UNSUPPORTED_PROTOCOL", "no version of TLS that we do"),
        ("Failed parsing HTTP/2", "REST port"),
        ("Trying to connect an http1.x server (HTTP status 400)", "REST port"),
        ("Connection refused", None),
        ("Socket closed", None),
    ],
)
def test_what_versions_of_the_core_say_is_understood(text: str, advice: str | None) -> None:
    found = never_connects(
        f"failed to connect to all addresses; last error: UNKNOWN: ipv4:10.0.0.1:443: {text}"
    )
    assert found is None if advice is None else advice in str(found)


def test_only_a_peer_that_hung_up_is_asked() -> None:
    failed = "failed to connect to all addresses; last error: UNAVAILABLE:"
    assert suspect(f"{failed} ipv4:10.0.0.1:26500: Socket closed") == "ipv4:10.0.0.1:26500"
    assert (
        suspect(f"{failed} ipv6:%5B::1%5D:26500: recvmsg:Connection reset by peer") == "ipv6:%5B::1%5D:26500"
    )
    assert suspect(f"{failed} ipv4:10.0.0.1:26500: Connection refused") is None
    assert suspect("Socket closed") is None


def test_asking_whether_a_peer_speaks_tls_never_fails(addresses: dict[str, str]) -> None:
    assert speaks_tls(f"ipv4:{addresses['tls']}", 5) is not None
    for peer in (
        f"ipv4:{addresses['plaintext']}",
        f"ipv6:%5B::1%5D:{free_port()}",
        "unix:/no/such",
        "ipv4:x",
    ):
        assert speaks_tls(peer, 0.5) is None
