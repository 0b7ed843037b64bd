"""A claim in the docs is a test: every Python block runs on the embedded gateway and on a real broker; links lead somewhere."""

from __future__ import annotations

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
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def blocks() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for index, match in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), start=1):
            found.append((f"{page.name}-{index}", match[1]))
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_docs_name_no_command_that_the_makefile_lacks() -> None:
    words = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")))
        assert named <= words, page.name


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
    with bridge.Client(rest_address="http://127.0.0.1:1") as client:
        assert client._connection.timeout == 10.0
