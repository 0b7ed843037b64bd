"""Server processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gateways.process import Process, StartFailed, wait_until

ROOT = Path(__file__).resolve().parents[2]


def shell(script: str, folder: Path) -> Process:
    return Process(["sh", "-c", script], environment=os.environ, log=folder / "log")


def test_a_server_that_ends_early_is_reported_with_its_log(tmp_path: Path) -> None:
    process = shell("echo the disk is full; exit 3", tmp_path)
    try:
        with pytest.raises(StartFailed, match=r"(?s)ended with code 3.*the disk is full"):
            process.wait_ready(lambda: False, seconds=20, what="server")
    finally:
        process.kill()


def test_a_server_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    process = shell("trap '' TERM; echo up; while true; do sleep 0.1; done", tmp_path)
    try:
        process.wait_ready(lambda: "up" in process.output(), seconds=20, what="server")
        assert process.terminate(seconds=0.3) is False
        assert not process.alive
    finally:
        process.kill()


def test_a_server_does_not_outlive_a_killed_test_run(tmp_path: Path) -> None:
    run = f"""
import os, time
from pathlib import Path
from tests.gateways.process import Process
server = Process(["sleep", "600"], environment=os.environ, log=Path({str(tmp_path)!r}) / "log")
print(server.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", run], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        os.kill(server, 0)
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: True if _gone(server) else None, seconds=20, what="end of the server")


def _gone(process: int) -> bool:
    """Whether it has ended; a dead one that nobody has waited for yet counts."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return done.returncode != 0 or done.stdout.startswith("Z")
