"""``camunda-bridge proxy``: a program that clients of gRPC call, until it is told to end."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import bridge
from camunda_embedded import EmbeddedGateway
from tests.cli.running import piped
from tests.cli.test_local import Program, program  # noqa: F401 - a fixture


def test_it_serves_grpc_in_front_of_rest_until_sigterm(program: Callable[..., Program]) -> None:  # noqa: F811
    with EmbeddedGateway() as gateway:
        running = program(
            "proxy",
            "--rest",
            gateway.rest_address,
            "--listen",
            "127.0.0.1:0",
            "--page",
            "127.0.0.1:0",
            "--json",
        )
        said = json.loads(running.wait_for(r"^\{.*\}$")[0])
        with bridge.Client(grpc_address=said["grpc"], env={}) as client:
            assert client.topology().gateway_version.startswith("8.6")
        assert said["page"].startswith("http://127.0.0.1:")
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(60) == 0


def test_what_cannot_work_is_said_before_it_starts(clean: None, tmp_path: Path) -> None:
    assert "give --rest" in piped("proxy").err
    assert "not both" in piped("proxy", "--rest", "http://127.0.0.1:1", "--grpc", "127.0.0.1:1").err
    rest = ("--rest", "http://127.0.0.1:1")
    assert "--tls-key together" in piped("proxy", *rest, "--tls-certificate", "a.pem").err
    assert "No such file" in piped("proxy", *rest, "--tls-certificate", "a.pem", "--tls-key", "b.pem").err
    assert "there are none in the settings" in piped("proxy", *rest, "--own-credentials").err
    assert 'listen must be "host:port"' in piped("proxy", *rest, "--listen", "26500").err
