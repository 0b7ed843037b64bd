"""The network of `make reliability` and `make soak` does to connections what it is told."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Iterator

import pytest

from benchmarks.hardship.parts import Network

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that says back what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def served() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answered, args=(connection,), daemon=True).start()

        def answered(connection: socket.socket) -> None:
            with connection:
                try:
                    while data := connection.recv(100):
                        connection.sendall(data)
                except OSError:
                    return

        threading.Thread(target=served, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def network(echo: int) -> Iterator[Network]:
    made = Network([echo])
    yield made
    made.end()


def _connected(network: Network) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", network.ports[0]), 30)
    assert _said(connection, b"one") == b"one"
    return connection


def _said(connection: socket.socket, what: bytes) -> bytes:
    connection.sendall(what)
    return connection.recv(100)


def _silent(connection: socket.socket, what: bytes) -> bool:
    """Whether nothing comes back for a while."""
    connection.settimeout(0.3)
    try:
        return not _said(connection, what)
    except TimeoutError:
        return True
    finally:
        connection.settimeout(30)


def _ended(connection: socket.socket) -> bool:
    """Whether it is over, by an end or by a reset."""
    try:
        return not connection.recv(100)
    except ConnectionResetError:
        return True


def test_what_was_stalled_arrives_later(network: Network) -> None:
    with _connected(network) as connection:
        network.order("stall")
        assert _silent(connection, b"two")
        network.order("pass")
        assert connection.recv(100) == b"two"


@pytest.mark.parametrize("mode", ["mute", "partition"])
def test_a_connection_that_lost_something_is_reset_when_the_network_is_whole_again(
    network: Network, mode: str
) -> None:
    with _connected(network) as connection:
        network.order(mode)
        assert _silent(connection, b"two")
        network.order("pass")
        with pytest.raises(ConnectionResetError):
            connection.recv(100)
    _connected(network).close()


def test_all_connections_are_reset(network: Network) -> None:
    with _connected(network) as connection:
        network.order("reset")
        with pytest.raises(ConnectionResetError):
            connection.recv(100)


def test_another_network_takes_the_ports_of_one_that_was_killed(network: Network) -> None:
    with _connected(network) as connection:
        network.send(signal.SIGKILL)
        network.end()
        assert _ended(connection)
    again = network.again()
    try:
        assert again.ports == network.ports
        _connected(again).close()
    finally:
        again.end()
