"""Real nginx and HAProxy before a gateway, on free ports of loopback, as processes of the test's own.

Where they are not installed they are installed, with apt-get, by root alone; elsewhere what needs them is skipped,
and the run says which and why.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.fakes.grpc import LIMIT
from tests.fakes.ports import free_port

__all__ = ["PEM", "HAProxy", "Nginx"]

PEM = Path(__file__).parents[1] / "unit" / "camunda_core" / "pem"
_INSTALLING = 300  # seconds


@functools.cache
def _program(name: str) -> str:
    """Its path. Skips the test where it is not there and cannot be had."""
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    found = shutil.which(name, path=places)
    if found is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", name]):
            subprocess.run(
                ["apt-get", "-q", *words], env=environment, timeout=_INSTALLING, capture_output=True
            )
        found = shutil.which(name, path=places)
    if found is None:
        pytest.skip(
            f"{name} is not installed, and cannot be installed here (root and apt-get would be needed)"
        )
    return found


class _Front:
    """A running proxy: ``port`` is where it listens."""

    name = ""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def _start(self, *command: str) -> None:
        log = (self.folder / "output").open("wb")
        with log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + LIMIT
        while time.monotonic() < until:
            assert self._process is not None
            assert self._process.poll() is None, (self.folder / "output").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"{self.name} does not listen")

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(LIMIT)

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"


class Nginx(_Front):
    """nginx with TLS, HTTP/1.1 and HTTP/2 on one port, before a gateway's two ports.

    ``server`` are lines of its server block, ``grpc`` and ``rest`` those of the places in it; ``context`` is a
    path under which REST is to be found too.
    """

    name = "nginx"

    def __init__(
        self,
        folder: Path,
        *,
        grpc_port: int,
        rest_port: int,
        server: str = "",
        grpc: str = "",
        rest: str = "",
        context: str = "/cluster-id/",
    ) -> None:
        super().__init__(folder)
        program = _program("nginx")
        temporary = "\n".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(f"""
            {"user root;" if os.geteuid() == 0 else ""}
            daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log warn;
            worker_shutdown_timeout 10s;
            events {{ worker_connections 1024; }}
            http {{
              access_log off; {temporary}
              upstream rest {{ server 127.0.0.1:{rest_port}; keepalive 16; }}
              upstream grpc {{ server 127.0.0.1:{grpc_port}; keepalive 16; }}
              server {{
                listen 127.0.0.1:{self.port} ssl http2;
                ssl_certificate {PEM}/server.pem; ssl_certificate_key {PEM}/server.key;
                proxy_http_version 1.1; proxy_set_header Connection "";
                {server}
                location /gateway_protocol.Gateway/ {{ grpc_pass grpc://grpc; {grpc} }}
                location {context} {{ proxy_pass http://rest/; {rest} }}
                location / {{ proxy_pass http://rest; {rest} }}
              }}
            }}
        """)
        self._start(
            program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")
        )

    def reload(self) -> None:
        """New workers for new connections; those that there are end when their requests have."""
        self._signal(signal.SIGHUP)


class HAProxy(_Front):
    """HAProxy with TLS, HTTP/1.1 and HTTP/2 on one port, before a gateway's two ports.

    ``front`` are lines of its frontend, ``bind`` words of its bind line, ``idle`` what ``timeout server`` is.
    """

    name = "haproxy"

    def __init__(
        self,
        folder: Path,
        *,
        grpc_port: int,
        rest_port: int,
        front: str = "",
        bind: str = "",
        idle: str = "1h",
    ) -> None:
        super().__init__(folder)
        program = _program("haproxy")
        pair = folder / "pair.pem"
        pair.write_bytes((PEM / "server.pem").read_bytes() + (PEM / "server.key").read_bytes())
        (folder / "haproxy.cfg").write_text(f"""
global
  maxconn 1024
  hard-stop-after 10s
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server {idle}
frontend all
  bind 127.0.0.1:{self.port} ssl crt {pair} alpn h2,http/1.1 {bind}
  {front}
  use_backend grpc if {{ path_beg /gateway_protocol.Gateway/ }}
  default_backend rest
backend grpc
  server one 127.0.0.1:{grpc_port} proto h2
backend rest
  http-request replace-path /cluster-id(/.*) \\1
  server one 127.0.0.1:{rest_port}
""")
        self._start(program, "-W", "-f", str(folder / "haproxy.cfg"))

    def reload(self) -> None:
        """A new process for new connections; the old one ends when its requests have."""
        self._signal(signal.SIGUSR2)
