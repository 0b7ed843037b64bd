"""``pytest --bpmn-coverage``: what a run played, counted and shown."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from camunda_embedded import EmbeddedGateway
from camunda_embedded._coverage.counts import Collector
from camunda_embedded._coverage.page import covered, page, percent
from camunda_embedded._watching import watch
from tests.nested import FEW_PLUGINS
from tests.unit.camunda_embedded.testing.models import ORDER

ROOT = Path(__file__).resolve().parents[4]

SUITE = f"""
ORDER = {ORDER!r}

def played(gateway, client):
    client.deploy_resource(("order.bpmn", ORDER.encode()))
    gateway.mock_worker("charge")
    client.create_process_instance("order")
    gateway.settle()

def test_one(camunda_gateway, camunda_client):
    played(camunda_gateway, camunda_client)

def test_two(camunda_gateway, camunda_client):
    played(camunda_gateway, camunda_client)
"""


@pytest.mark.parametrize("distributed", [False, True])
def test_a_run_writes_what_all_its_tests_played_together(tmp_path: Path, distributed: bool) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", *FEW_PLUGINS]
    command += ["-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    command += ["-n", "2"] if distributed else []
    done = subprocess.run(
        [*command, str(tmp_path), f"--bpmn-coverage={tmp_path / 'out' / 'report.html'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "BPMN coverage: 31 % (5 of 16 elements and flows)" in done.stdout
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<title>charge: run 2 times</title>" in text
    assert "<li>on-refused → lost (f-refused)</li>" in text


def collected(*names: str) -> Collector:
    """What one gateway played of a process with a name."""
    collector = Collector()
    end = watch(collector.opened, collector.closing)
    try:
        with EmbeddedGateway() as gateway:
            for name in names:
                gateway._deploy(
                    f"{name}.bpmn", ORDER.replace('<process id="order"', f'<process id="order" name="{name}"')
                )
            gateway.mock_process("shipping")
            gateway.mock_worker("charge", error="REFUSED")
            gateway.run(lambda: gateway._known_engines()[0].creation.create("order", 0, -1, {}, [], None))
            gateway.settle()
            collector.count_all()
            collector.count_all()  # nothing is counted twice
    finally:
        end()
    return collector


def test_counts_and_totals_are_those_of_the_log() -> None:
    (found,) = covered(collected("Order").played.values())  # the mock is none of the suite's processes
    assert {id_: n for id_, n in found.played.counts.items() if n} == {
        "ordered": 1, "f1": 1, "charge": 1, "on-refused": 1, "f-refused": 1, "lost": 1,
    }  # fmt: skip
    assert (found.run, found.total, found.played.instances) == (6, 16, 1)
    assert found.missing[:2] == ["wait", "rate"]
    assert found.missing[-1] == "approve → done (f6)"


def test_files_that_differ_are_counted_apart_and_the_same_is_counted_together() -> None:
    one, other = collected("Order", "Other"), collected("Other")
    one.add_json(other.to_json())
    counts = {c.diagram.name: c.played.counts["charge"] for c in covered(one.played.values())}
    assert counts == {"Order": 0, "Other": 2}


class Page(HTMLParser):
    """What a page loads, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [
            str(v)
            for k, v in attrs
            if k in ("src", "href", "action", "srcset") and not str(v).startswith("#")
        ]


def test_the_page_needs_nothing_else_and_runs_nothing_of_a_file() -> None:
    text = page(covered(collected("&lt;script&gt;alert(1)&lt;/script&gt;").played.values()))
    read = Page()
    read.feed(text)
    assert read.loads == []
    assert "script" not in read.tags
    assert "&lt;script&gt;alert(1)" in text
    assert not re.search(r"url\(|@import", text)


def test_all_of_it_is_said_of_all_of_it_alone() -> None:
    assert [percent(199, 200), percent(200, 200), percent(0, 3)] == ["99 %", "100 %", "0 %"]
    assert "BPMN coverage" in page([])
