"""The pages of the REST API: they are fresh, complete, and every example of theirs runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import bridge
from scripts.rest_api_docs import files, main, method_of
from tests.fakes.rest_api import serving
from tests.pages import ROOT, blocks_of, name_of
from tests.unit.camunda_rest.api.contract import OPERATIONS

PLACE = ROOT / "docs" / "reference" / "api"
GENERATED = sorted(PLACE.glob("*.md"))
HOWTOS = [
    ROOT / "docs" / "howto" / f"{name}.md"
    for name in ("batch-operations", "documents", "incidents", "searching", "user-tasks")
]


def test_the_pages_are_what_the_script_writes() -> None:
    assert main(["--check"]) == 0
    assert len(files()) == len(GENERATED) == 42


def test_the_navigation_has_every_page() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert sorted(re.findall(r"reference/api/(\w+\.md)", text)) == [page.name for page in GENERATED]
    assert yaml.safe_load(text.partition("\nmarkdown_extensions")[0])["nav"]


def test_every_method_of_the_typescript_client_is_found_beside_ours() -> None:
    rows = re.findall(
        r"^\| (\w+) \| (.+?) \| (`\w+`)? ?\|", (PLACE / "index.md").read_text(encoding="utf-8"), re.M
    )
    listed = {
        name: (re.findall(r"\[`(\w+)`\]", ours), theirs.strip("`"))
        for name, ours, theirs in rows
        if name != "operation"
    }
    assert listed.keys() == OPERATIONS.keys()
    for ours, _ in listed.values():
        assert ours
        assert all(callable(getattr(bridge.Client, each)) for each in ours)
    theirs = {name for _, name in listed.values() if name}
    assert theirs == set((ROOT / "contract" / "typescript_methods.txt").read_text(encoding="utf-8").split())
    assert len(theirs) == 183


@pytest.mark.parametrize("page", [page for page in GENERATED if page.name != "index.md"], ids=name_of)
def test_every_example_asks_for_its_operation(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "order.bpmn").write_bytes((ROOT / "examples" / "order.bpmn").read_bytes())
    text = page.read_text(encoding="utf-8")
    titles = re.findall(r"^## (.+)$", text, re.M)
    examples = [block.text for block in blocks_of(page) if block.language == "python"]
    named = {" ".join(method_of(name)): name for name in OPERATIONS}
    with serving() as (address, asked), bridge.Client(rest_address=address) as client:
        for title, code in zip(titles, examples, strict=True):
            asked.clear()
            exec(compile(code, title, "exec"), {"client": client})
            assert named[title] in asked, title


def test_the_types_of_every_example_are_right(tmp_path: Path) -> None:
    lines = ["import bridge"]
    for page in GENERATED:
        for number, block in enumerate(b for b in blocks_of(page) if b.language == "python"):
            lines += ["", "", f"def {page.stem}_{number}(client: bridge.Client) -> None:"]
            lines += [f"    {line}" if line else "" for line in block.text.splitlines()]
    file = tmp_path / "examples_of_pages.py"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stdout


HOWTO_BLOCKS = [
    pytest.param(block.text, id=f"{page.stem}-{number}")
    for page in HOWTOS
    for number, block in enumerate((b for b in blocks_of(page) if b.language == "python"), start=1)
]


@pytest.mark.parametrize("code", HOWTO_BLOCKS)
def test_a_block_of_a_howto_runs_as_it_stands(code: str) -> None:
    with serving() as (address, asked):
        text = code.replace("http://localhost:8080", address)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert asked
