"""The suites aimed at a cluster that somebody else runs: here an embedded gateway in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.certificates import Authority
from tests.fakes.front import Front
from tests.fakes.identity import AUDIENCE, CLIENT, SECRET, IdentityProvider
from tests.gateways.embedded import VERSIONS, Embedded
from tests.gateways.process import Process

ROOT = Path(__file__).resolve().parents[2]

#: A part of every suite that asks for any gateway, on every path.
SELECTION = (
    "tests/gateways_test/test_harness.py",
    "tests/scenarios/test_jobs.py",
    "tests/scenarios/test_messages.py",
    "tests/scenarios/test_client.py",
    "tests/worker/test_on_gateways.py",
)
WORDS = "topology or carries_all or publishes or correlates or came_by_name or come_by_name or waited_before"


@contextmanager
def somebody_elses(dialect: str, folder: Path) -> Iterator[dict[str, str]]:
    """The variables that aim at an embedded gateway in a process of its own."""
    command = [sys.executable, "-m", "camunda_embedded", "--grpc-port", "0", "--rest-port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = Process([*command, "--dialect", dialect], environment=environment, log=folder / "log")
    try:
        process.wait_ready(lambda: "REST" in process.output(), seconds=60, what="the gateway")
        said = dict(line.split() for line in process.output().splitlines())
        yield {
            "CAMUNDA_BRIDGE_TEST_GRPC": said["gRPC"],
            "CAMUNDA_BRIDGE_TEST_REST": said["REST"],
            "CAMUNDA_BRIDGE_TEST_VERSION": VERSIONS[dialect],
        }
    finally:
        process.terminate(10)


def run(aim: dict[str, str], *arguments: str) -> str:
    """What a run of the selection prints."""
    foreign = ("CAMUNDA_", "ZEEBE_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--gateways=cluster", *arguments],
        cwd=ROOT,
        env={**inherited, "PYTHONPATH": str(ROOT), "CAMUNDA_BRIDGE_REQUIRE": "cluster", **aim},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ran(output: str) -> int:
    """How many tests ran on it."""
    (found,) = re.findall(r"^cluster: ran (\d+) tests", output, re.MULTILINE)
    return int(found)


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "dialect", ["8.6", *(pytest.param(each, marks=pytest.mark.long) for each in VERSIONS if each != "8.6")]
)
def test_the_suites_run_on_a_cluster_that_the_environment_names(dialect: str, tmp_path: Path) -> None:
    with somebody_elses(dialect, tmp_path) as aim:
        output = run(aim, *SELECTION, "-k", WORDS)
    assert ran(output) > 15
    assert "embedded: not selected" in output


@pytest.mark.timeout(400)
def test_a_cluster_of_one_wire_gets_the_tests_of_that_wire(tmp_path: Path) -> None:
    with somebody_elses("8.6", tmp_path) as aim:
        del aim["CAMUNDA_BRIDGE_TEST_GRPC"]
        output = run(aim, "tests/scenarios/test_messages.py", "-k", "correlates", "-rA")
    assert "[cluster-rest]" in output
    assert "[cluster-grpc]" not in output


@pytest.mark.timeout(400)
def test_credentials_and_trust_come_by_the_ordinary_variables(tmp_path: Path) -> None:
    authority, identity = Authority(tmp_path), IdentityProvider()
    try:
        with Embedded() as behind, Front(behind, identity=identity, tls=authority.issue("server")) as front:
            aim = {
                "CAMUNDA_BRIDGE_TEST_GRPC": f"grpcs://{front.grpc_address}",
                "CAMUNDA_BRIDGE_TEST_REST": front.rest_address,
                "CAMUNDA_CLIENT_ID": CLIENT,
                "CAMUNDA_CLIENT_SECRET": SECRET,
                "CAMUNDA_OAUTH_URL": identity.token_url,
                "CAMUNDA_TOKEN_AUDIENCE": AUDIENCE,
                "CAMUNDA_MTLS_CA_PATH": str(authority.ca),
            }
            output = run(aim, *SELECTION, "-k", WORDS)
    finally:
        identity.close()
    assert ran(output) > 15
