"""What a run does about gateways that it cannot have, seen by runs of pytest on a small suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CONFTEST = "from tests.gateways.plugin import *\n"
SUITE = """
from tests.gateways.registry import on_gateways

@on_gateways("broker-8.6.0", "container-8.8")
def test_one(gateway):
    assert gateway.alive

@on_gateways("broker-8.6.0")
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
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", *arguments],
        cwd=folder,
        env={**inherited, **settings, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(autouse=True)
def java_without_download(tmp_path: Path) -> None:
    """A program that calls itself Java 21, so that no run fetches a real one."""
    script = "#!/bin/sh\necho 'openjdk version \"21.0.1\"' >&2\n"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").write_text(script, encoding="ascii")
    (tmp_path / "bin" / "java").chmod(0o755)


def test_a_missing_gateway_is_skipped_by_name_with_the_reason(tmp_path: Path) -> None:
    code, output = run(tmp_path, JAVA_HOME=str(tmp_path))
    assert code == 0, output
    assert "1 passed, 3 skipped" in output
    assert "broker-8.6.0 cannot run here: Maven is not installed (no mvn on PATH)" in output
    assert "broker-8.6.0: could not run: Maven is not installed (no mvn on PATH) (2 tests)" in output
    assert "container-8.8: could not run: no container engine (neither docker nor podman is there)" in output
    assert "engine-8.8.21: no collected test asks for it" in output


def test_a_required_gateway_that_cannot_run_fails_the_run(tmp_path: Path) -> None:
    code, output = run(tmp_path, JAVA_HOME=str(tmp_path), CAMUNDA_BRIDGE_REQUIRE="broker-8.6.0")
    assert code == 1, output
    assert "required gateway broker-8.6.0 cannot run: Maven is not installed" in output


def test_a_required_gateway_that_no_test_runs_on_fails_the_run(tmp_path: Path) -> None:
    code, output = run(
        tmp_path,
        "-k",
        "test_without",
        JAVA_HOME=str(tmp_path),
        CAMUNDA_BRIDGE_REQUIRE="broker-8.6.0",
    )
    assert code == 1, output
    assert "FAILED: broker-8.6.0 is required, but no test ran on it" in output


def test_in_ci_a_gateway_whose_artifact_is_missing_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "mvn").write_text("#!/bin/sh\necho '[ERROR] the artifact cannot be found anywhere'\nexit 1\n")
    (tmp_path / "mvn").chmod(0o755)
    code, output = run(tmp_path, JAVA_HOME=str(tmp_path), CI="true")
    assert code == 1, output
    assert "required gateway broker-8.6.0 cannot run: Maven: [ERROR] the artifact cannot be found" in output


def test_gateways_that_were_not_selected_are_skipped_and_said_so(tmp_path: Path) -> None:
    code, output = run(tmp_path, "--gateways=engine", JAVA_HOME=str(tmp_path))
    assert code == 0, output
    assert "none of broker-8.6.0, container-8.8 was selected" in output
    assert "broker-8.6.0: not selected" in output


def test_an_unknown_gateway_is_an_error_that_lists_the_known(tmp_path: Path) -> None:
    code, output = run(tmp_path, "--gateways=broker-9", JAVA_HOME=str(tmp_path))
    assert code == 4, output
    assert "unknown gateway 'broker-9'; known: all, none, " in output
    assert ", broker-8.6.0, " in output


def test_a_test_that_does_not_say_on_which_gateways_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text("def test_it(gateway): pass\n", encoding="utf-8")
    code, output = run(tmp_path, JAVA_HOME=str(tmp_path))
    assert code not in (0, 5), output
    assert "takes a gateway but is not marked on_gateways" in output


def test_tests_run_gateway_by_gateway_after_those_that_need_none(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(
        """
from tests.gateways.registry import on_gateways

@on_gateways("broker-8.6.0", "broker-8.5.8")
def test_one(gateway_name): pass

def test_without(): pass

@on_gateways("broker-8.6.0", "broker-8.5.8")
def test_two(gateway_name): pass
""",
        encoding="utf-8",
    )
    _, output = run(tmp_path, "--collect-only", "-q")
    ids = [line.partition("::")[2] for line in output.splitlines() if "::" in line]
    assert ids == [
        "test_without",
        "test_one[broker-8.6.0]",
        "test_two[broker-8.6.0]",
        "test_one[broker-8.5.8]",
        "test_two[broker-8.5.8]",
    ]
