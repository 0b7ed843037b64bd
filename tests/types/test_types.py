"""What mypy and pyright say of code that uses the generated methods: every typo is refused, line by line, and nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

Found = dict[int, str]


def mypy(file: Path) -> tuple[Found, Found]:
    """The errors and the notes of a file, by line."""
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--hide-error-context",
        str(file),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)
    errors: Found = {}
    notes: Found = {}
    for name, line, kind, said in re.findall(r"(?m)^(.+?):(\d+): (error|note): (.*)$", done.stdout):
        if Path(name).name == file.name:
            (errors if kind == "error" else notes).setdefault(int(line), said)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return errors, notes


def pyright(file: Path) -> tuple[Found, Found]:
    """The same of pyright; skips the test where it cannot be had: its program is fetched when it is first run."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(file)]
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=170, check=False
    )
    if not done.stdout.lstrip().startswith("{"):
        pytest.skip(f"pyright does not run here: {(done.stdout + done.stderr).strip()[-200:]}")
    errors: Found = {}
    notes: Found = {}
    for each in json.loads(done.stdout)["generalDiagnostics"]:
        place = errors if each["severity"] == "error" else notes
        place.setdefault(each["range"]["start"]["line"] + 1, each["message"])
    return errors, notes


Checker = Callable[[Path], tuple[Found, Found]]
CHECKERS = pytest.mark.parametrize("check", [mypy, pyright])


@CHECKERS
def test_every_typo_is_refused_and_nothing_else(check: Checker) -> None:
    file = HERE / "typos.py"
    lines = file.read_text(encoding="utf-8").splitlines()
    expected = {number for number, line in enumerate(lines, start=1) if line.endswith("# refused")}
    errors, _ = check(file)

    assert len(expected) > 30
    assert {number: lines[number - 1].strip() for number in expected - set(errors)} == {}
    assert {number: said for number, said in errors.items() if number not in expected} == {}


@CHECKERS
def test_results_have_the_types_that_the_docs_say(check: Checker) -> None:
    file = HERE / "revealed.py"
    lines = file.read_text(encoding="utf-8").splitlines()
    expected = {
        number: line.rpartition("# ")[2]
        for number, line in enumerate(lines, start=1)
        if "reveal_type(" in line
    }
    errors, notes = check(file)

    assert errors == {}
    assert len(expected) > 10
    assert {number: _short(notes[number]) for number in expected} == expected


def _short(said: str) -> str:
    """The type in a message, as one writes it: without modules, and optional ones with a bar."""
    shown = re.search(r'(?:Revealed type is|of ".*" is) "(.*)"', said)
    assert shown is not None, said
    text = re.sub(r"\b[\w.]+\.(\w+)", r"\1", shown[1])
    return re.sub(r"(?:Union|Optional)\[(.+?), None\]", r"\1 | None", text)
