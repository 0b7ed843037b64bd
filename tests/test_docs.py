"""A claim in the docs is a test: every block of Python runs, links lead somewhere, and what the pages say of defaults is so."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bridge
from bridge.polling import SLICE
from camunda_core.environment import VARIABLES
from camunda_core.retry import RetryPolicy
from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?:\]\(|^\[[^\]]+\]: )([^)#\n]+)(?:#[^)\n]*)?", re.MULTILINE)
REPOSITORY = "https://github.com/camunda-bridge/camunda-bridge"


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for index, match in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), start=1):
            found.append((f"{name_of(page)}-{index}", match[1]))
    return found


@on_gateways("embedded", "cluster", wires={"grpc", "rest"})
@pytest.mark.parametrize(("name", "code"), blocks(), ids=[name for name, _ in blocks()])
def test_a_block_of_the_docs_runs_as_it_stands(gateway: Gateway, name: str, code: str) -> None:
    with bridge.Client(rest_address=gateway.rest_address) as client:
        client.deploy_resource(ROOT / "examples" / "order.bpmn")
    code = code.replace("http://localhost:8080", gateway.rest_address).replace(
        "localhost:26500", gateway.grpc_address
    )
    python("-c", code)


def python(*arguments: str) -> str:
    """What a Python that fails on warnings and knows no settings of ours writes; fails with what it complains of."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CAMUNDA_", "ZEEBE_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=ROOT,
        env={**clean, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demo_tells_its_story_on_the_embedded_gateway_by_default() -> None:
    story = python("-m", "examples.demo")
    assert story.startswith("the embedded gateway")
    assert "topology equal on both wires: True" in story
    assert story.count("NotFound: Command 'COMPLETE' rejected") == 2
    assert len(story.splitlines()) <= 24  # a terminal's screen


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_link_of_the_readme_works_on_pypi_too() -> None:
    links = LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(links) > 5
    for target in links:
        assert target.startswith("https://"), f"{target} leads nowhere on PyPI"
        if target.startswith(f"{REPOSITORY}/"):
            kind, branch, path = target.removeprefix(f"{REPOSITORY}/").split("/", 2)
            assert (kind, branch) in {("blob", "main"), ("tree", "main")}, target
            file = ROOT / path
            assert file.is_dir() if kind == "tree" else file.is_file(), f"README.md links to {path}"


def test_the_links_of_the_distribution_name_the_repository() -> None:
    urls = re.findall(
        r'^\w+ = "(https://[^"]+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M
    )
    assert len(urls) == 5
    for url in urls:
        assert url.startswith(REPOSITORY), url
        _, _, path = url.removeprefix(REPOSITORY).partition("/main/")
        assert (ROOT / path).exists(), url


def test_every_decision_has_a_date_and_an_anchor_of_its_own() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    anchors = re.findall(r'^<a id="([a-z0-9-]+)"></a>\n### \d{4}-\d\d-\d\d: \S', text, re.MULTILINE)
    assert len(anchors) == len(set(anchors)) == text.count("\n### ") > 30


def test_the_picture_of_the_architecture_is_the_one_that_its_source_describes() -> None:
    python("scripts/draw_architecture.py", "--check")


def test_every_file_that_the_architecture_names_is_there() -> None:
    if not (ROOT / "bridge" / "_doors").is_dir():
        pytest.skip("the packages have no rooms yet")
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:bridge|camunda_\w+|tests|proto)/[\w/]+(?:\.\w+)?)`", text)
    assert len(named) > 20
    for path in named:
        assert (ROOT / path).exists(), path


def test_the_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not re.match(r"\[[^\]]+\]: https://", line)]) <= 150


def test_the_docs_name_no_command_that_the_makefile_lacks() -> None:
    words = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")))
        assert named <= words, name_of(page)


def test_every_variable_that_the_guide_names_is_read() -> None:
    known = {
        name
        for variable in VARIABLES.values()
        for name in (*variable.names, *variable.inverted, *variable.inline)
    }
    named = set(
        re.findall(r"`(CAMUNDA_[A-Z_]+[A-Z])`", (ROOT / "docs" / "guide.md").read_text(encoding="utf-8"))
    )
    assert named
    assert named <= known


def test_the_defaults_that_the_guide_gives_are_the_real_ones() -> None:
    policy = RetryPolicy()
    assert (policy.max_attempts, policy.initial_delay, policy.multiplier, policy.max_delay) == (
        5,
        0.1,
        3.0,
        5.0,
    )
    assert SLICE == 5.0
    assert inspect.signature(bridge.Client).parameters["timeout"].default == 10.0
