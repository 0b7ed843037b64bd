"""The example of a tested process, as a newcomer has it: its folder alone, and pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "examples" / "tested_process"


@pytest.mark.long
def test_its_tests_pass_in_python_and_json_and_run_every_path(tmp_path: Path) -> None:
    folder = tmp_path / "tested_process"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLE.parents[1])}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--bpmn-coverage=report.html"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
    assert "BPMN coverage: 100 %" in done.stdout
    assert (folder / "report.html").stat().st_size > 1000
