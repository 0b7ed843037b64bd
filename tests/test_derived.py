"""What ``scripts/derive_sync.py`` derives is fresh, and the script says when something is not as it should be."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge._doors import aio_waiting, waiting

ROOT = Path(__file__).parent.parent
SCRIPT = Path("scripts") / "derive_sync.py"
FILES: dict[str, tuple[str, ...]] = runpy.run_path(str(ROOT / SCRIPT))["FILES"]


def derive(root: Path, *arguments: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, root / SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=root.parent,
    )
    return ran.returncode, ran.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The script and all that it reads and writes."""
    for place in ("scripts", *FILES):
        shutil.copytree(ROOT / place, tmp_path / place)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_what_is_derived_is_up_to_date() -> None:
    assert derive(ROOT, "--check") == (0, "")


def test_a_change_on_either_side_is_noticed_and_deriving_mends_it(copy: Path) -> None:
    assert derive(copy, "--check") == (0, "")
    sync, aio = copy / "bridge/_doors/rest.py", copy / "bridge/_doors/aio_grpc.py"
    sync.write_text(sync.read_text(encoding="utf-8") + "\nMORE = 1\n", encoding="utf-8")
    aio.write_text(aio.read_text(encoding="utf-8") + "\nMORE = 1\n", encoding="utf-8")
    (copy / "bridge/_client/shell.py").unlink()
    status, said = derive(copy, "--check")
    assert status == 1
    names = [
        line.partition(" is not up to date: run python scripts/derive_sync.py")[0]
        for line in said.splitlines()
    ]
    assert names == ["bridge/_client/shell.py", "bridge/_doors/grpc.py", "bridge/_doors/rest.py"]
    assert derive(copy) == (0, "")
    assert derive(copy, "--check") == (0, "")
    assert "MORE" not in sync.read_text(encoding="utf-8")


def test_a_word_that_no_file_needs_is_an_error(copy: Path) -> None:
    script = copy / SCRIPT
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("WORDS = (\n", 'WORDS = (\n    ("never said", ""),\n'), encoding="utf-8")
    assert derive(copy, "--check") == (1, "no file needs the word 'never said': take it out of WORDS\n")


@pytest.mark.parametrize(
    "place", [f"{folder}/{name}.py" for folder, names in FILES.items() for name in names]
)
def test_a_derived_file_says_so_and_speaks_of_nothing_asynchronous(place: str) -> None:
    first, _, text = (ROOT / place).read_text(encoding="utf-8").partition("\n")
    assert first.startswith("# Derived from ")
    assert "by scripts/derive_sync.py" in first
    assert re.findall(r"\b(?:async|await|Async\w+|aio_\w+|grpc\.aio)\b", text) == []


def test_what_the_doors_wait_with_has_the_same_names_on_both_sides() -> None:
    only_asyncio = {"being_stopped"}
    assert set(aio_waiting.__all__) - only_asyncio == set(waiting.__all__)
    for name in ("Background", "Begun", "Home", "Reader"):
        one, other = getattr(aio_waiting, name), getattr(waiting, name)
        assert _public(one) == _public(other), name
    assert _public(aio_waiting.Condition) <= _public(waiting.Condition)


def _public(cls: Any) -> set[str]:
    return {name for name in vars(cls) if not name.startswith("_")}
