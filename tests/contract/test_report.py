"""docs/mapping.md is what the table says, and says all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bridge._table import codecs
from bridge._table.mapping import ROWS
from scripts import mapping_docs as report
from tests.contract.corpus import ON_REST, answer_places, request_places

ROOT = Path(__file__).resolve().parents[2]
TEXT = report.text()


def section(rpc: str) -> str:
    return TEXT.partition(f"\n## {rpc}\n")[2].partition("\n## ")[0]


def test_the_file_is_fresh() -> None:
    assert (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8") == TEXT, (
        "run python -m scripts.mapping_docs"
    )


def test_every_codec_is_explained() -> None:
    assert set(report.SHAPES) == set(codecs.MESSAGES)


@pytest.mark.parametrize("rpc", ROWS)
def test_every_rpc_has_a_section_with_its_operation(rpc: str) -> None:
    operation = ROWS[rpc].operation
    assert (f"`{operation.method} {operation.path}`" if operation else "no REST operation") in section(rpc)


@pytest.mark.parametrize("rpc", ON_REST)
def test_every_field_that_has_another_name_in_rest_is_listed_with_it(rpc: str) -> None:
    # Fields that a codec gives another shape are told in words.
    told_in_words = ("candidate", "runtimeInstructions", "moveInstructions", "resources[]")
    for place in (*request_places(rpc).values(), *answer_places(rpc).values()):
        mine, theirs = place.grpc.rpartition(".")[2], place.rest.rpartition(".")[2]
        if mine != theirs and not any(word in place.rest for word in told_in_words):
            lines = [line for line in section(rpc).splitlines() if line.startswith(f"| `{place.grpc}` |")]
            where = (
                "the path" if place.rest.startswith("/") else f"`{place.rest}`" if place.rest else "nowhere"
            )
            assert any(where in line for line in lines), place


@pytest.mark.parametrize("rpc", ON_REST)
def test_every_field_newer_than_its_operation_is_listed_with_the_version(rpc: str) -> None:
    operation = ROWS[rpc].operation
    assert operation is not None
    for place in request_places(rpc).values():
        if place.since > operation.since:
            version = f"needs {place.since[0]}.{place.since[1]}"
            parents = [place.grpc.split(".")[: length + 1] for length in range(place.grpc.count(".") + 1)]
            starts = tuple(f"| `{'.'.join(parent)}` |" for parent in parents)
            assert any(version in line for line in section(rpc).splitlines() if line.startswith(starts)), (
                place.grpc
            )


def test_what_is_emulated_unanswered_or_beyond_is_said() -> None:
    for row in ROWS.values():
        for said in (row.emulated, *row.unanswered.values(), *row.beyond.values()):
            assert said in section(row.rpc)


def test_the_command_says_when_the_file_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "docs" / "mapping.md"
    monkeypatch.setattr(report, "_FILE", file)
    assert report.main(["--check"]) == 1
    assert not file.exists()
    assert report.main([]) == 0
    assert file.read_text(encoding="utf-8") == TEXT
    assert report.main(["--check"]) == 0
    file.write_text(TEXT + "x", encoding="utf-8")
    assert report.main(["--check"]) == 1
    assert report.main(["--chek"]) == 2


def test_the_command_runs_from_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.mapping_docs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
