"""What a run does about gateways that it cannot have, seen by runs of pytest on a small suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.nested import FEW_PLUGINS

ROOT = Path(__file__).resolve().parents[2]

CONFTEST = "from tests.gateways.plugin import *\n"
SUITE = """
from tests.gateways.registry import on_gateways

@on_gateways("cluster", "container-8.8")
def test_one(gateway):
    assert gateway.alive

@on_gateways("cluster")
def test_two(gateway):
    assert gateway.alive

def test_without():
    pass
"""


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """A run on a machine without Maven, container engine and cached downloads."""
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    if not (folder / "test_suite.py").exists():
        (folder / "test_suite.py").write_text(SUITE, encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if name not in ("CI", "JAVA_HOME")}
    inherited = {name: value for name, value in inherited.items() if not name.startswith("CAMUNDA_BRIDGE_")}
    settings = {"PATH": str(folder), "PYTHONPATH": str(ROOT), "CAMUNDA_BRIDGE_CACHE": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *FEW_PLUGINS, "-p", "no:cacheprovider", "-rs", *arguments],
        cwd=folder,
        env={**inherited, **settings, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_missing_gateway_is_named_once_with_the_reason_and_the_number_of_tests(tmp_path: Path) -> None:
    code, output = run(tmp_path, "--gateways=all,container-8.8")
    assert code == 0, output
    assert "1 passed, 3 deselected" in output
    assert (
        output.count(
            "cluster: not here: neither CAMUNDA_BRIDGE_TEST_GRPC nor CAMUNDA_BRIDGE_TEST_REST is set (2 tests left out)"
        )
        == 1
    )
    assert (
        "container-8.8: not here: no container engine (neither docker nor podman is there) (1 tests left out)"
        in output
    )
    assert "embedded: no collected test asks for it" in output


def test_a_container_is_not_even_looked_for_unless_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "docker").write_text(f"#!/bin/sh\necho asked >> {tmp_path}/asked\n", encoding="ascii")
    (tmp_path / "docker").chmod(0o755)
    code, output = run(tmp_path)
    assert code == 0, output
    assert "container-8.8: only when it is named, see docs/your-cluster.md" in output
    assert not (tmp_path / "asked").exists()


def test_a_required_gateway_that_no_test_runs_on_fails_the_run(tmp_path: Path) -> None:
    code, output = run(tmp_path, CAMUNDA_BRIDGE_REQUIRE="cluster")
    assert code == 1, output
    assert "FAILED: cluster is required, but no test ran on it" in output


def test_gateways_that_were_not_selected_are_skipped_and_said_so(tmp_path: Path) -> None:
    code, output = run(tmp_path, "--gateways=embedded")
    assert code == 0, output
    assert "none of cluster, container-8.8 was selected" in output
    assert "cluster: not selected" in output


def test_an_unknown_gateway_is_an_error_that_lists_the_known(tmp_path: Path) -> None:
    code, output = run(tmp_path, "--gateways=broker-9")
    assert code == 4, output
    assert "unknown gateway 'broker-9'; known: all, none, " in output
    assert ", embedded, " in output


def test_a_test_that_does_not_say_on_which_gateways_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text("def test_it(gateway): pass\n", encoding="utf-8")
    code, output = run(tmp_path, JAVA_HOME=str(tmp_path))
    assert code not in (0, 5), output
    assert "takes a gateway but is not marked on_gateways" in output


def test_tests_run_gateway_by_gateway_after_those_that_need_none(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(
        """
from tests.gateways.registry import on_gateways

@on_gateways("embedded", "embedded_8.8")
def test_one(gateway_name): pass

def test_without(): pass

@on_gateways("embedded", "embedded_8.8")
def test_two(gateway_name): pass
""",
        encoding="utf-8",
    )
    _, output = run(tmp_path, "--collect-only", "-q")
    ids = [line.partition("::")[2] for line in output.splitlines() if "::" in line]
    assert ids == [
        "test_without",
        "test_one[embedded]",
        "test_two[embedded]",
        "test_one[embedded_8.8]",
        "test_two[embedded_8.8]",
    ]
