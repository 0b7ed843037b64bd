"""Many jobs leave nothing behind: memory is counted in bytes and objects, never in time."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.embedded import Sample, worker_load
from camunda_embedded import EmbeddedGateway

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the memory of a process is read from /proc"
)
def test_memory_is_flat_once_the_log_is_full() -> None:
    command = [sys.executable, "-m", "benchmarks.embedded", "engine", "--jobs", "20000", "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=True)
    samples = [Sample(**json.loads(line)) for line in run.stdout.splitlines()]
    full, last = next(sample for sample in samples if sample.jobs >= 5000), samples[-1]

    assert last.jobs == 20_000
    assert all(sample.alive == 0 for sample in samples)
    # A job leaves about 35 records; one object more for each job would be 15,000 more.
    assert abs(last.objects - full.objects) < 1000
    assert last.rss - full.rss < 8_000_000


def test_thirty_two_streams_share_the_jobs() -> None:
    with EmbeddedGateway() as gateway:
        work = asyncio.run(worker_load(gateway.grpc_address, 320, 32, 100, lambda: gateway.streams))

        assert work.jobs == 320
        assert sum(work.shares) == 320
        assert all(share == 10 for share in work.shares)
        assert gateway.alive["jobs"] == 0
