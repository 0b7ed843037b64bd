"""``python -m camunda_embedded --ui``: what the pages show, and what they do not do."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from camunda_embedded import EmbeddedGateway
from camunda_embedded._ui.pages import Pages
from camunda_embedded._ui.server import UiServer
from tests.unit.camunda_embedded.testing.models import ORDER

ROOT = Path(__file__).resolve().parents[4]
EVIL = "<script>alert(1)</script>"


class Shown:
    """A gateway with its pages."""

    def __init__(self, gateway: EmbeddedGateway, address: str) -> None:
        self.gateway, self.address = gateway, address

    def create(self, **variables: object) -> str:
        made = self.gateway.run(
            lambda: self.gateway._known_engines()[0].creation.create(
                "order", 0, -1, dict(variables), [], None
            )
        )
        self.gateway.settle()
        return str(made.key)

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.address + path, headers=headers, timeout=30)


@pytest.fixture
def shown() -> Iterator[Shown]:
    with EmbeddedGateway() as gateway:
        gateway._deploy(
            "order.bpmn",
            ORDER.replace(
                '<serviceTask id="charge"', f'<serviceTask id="charge" name={json.dumps("&lt;script&gt;")}'
            ),
        )
        ui = UiServer(gateway)
        try:
            yield Shown(gateway, ui.start())
        finally:
            ui.stop()


def test_the_overview_lists_instances_and_where_they_stand(shown: Shown) -> None:
    assert "none yet" in shown.get("/").text
    key = shown.create()
    text = shown.get("/").text
    assert f'<a href="/instance/{key}">' in text
    assert "<td>charge</td>" in text
    assert "1 ACTIVE" in text


def test_an_instance_is_shown_on_its_diagram_with_all_that_belongs_to_it(shown: Shown) -> None:
    shown.gateway.mock_worker("charge", raises=ValueError(EVIL))
    text = shown.get(f"/instance/{shown.create(bad=EVIL)}").text
    assert 'class="element wrong" data-id="charge"' in text
    assert 'class="element done" data-id="ordered"' in text
    assert "JOB_NO_RETRIES" in text
    assert "EVENT JOB FAILED" in text
    assert text.count("&lt;script&gt;alert(1)") >= 3
    assert "<script" not in text


def test_the_log_shows_what_was_refused(shown: Shown) -> None:
    with pytest.raises(Exception, match="no such"):
        shown.gateway.run(lambda: shown.gateway._known_engines()[0].answers.complete(12, {}))
    assert "COMMAND_REJECTION JOB COMPLETE" in shown.get("/log").text


def test_nothing_can_be_loaded_run_or_changed(shown: Shown) -> None:
    answer = shown.get("/?refresh")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert 'http-equiv="refresh"' in answer.text
    before = shown.gateway.position
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert requests.request(method, shown.address, timeout=30).status_code == 501
    assert shown.gateway.position == before


@pytest.mark.parametrize(
    "path", ["/instance/1", "/instance/x", "/instance/1/2", "/../etc", "/instance/" + "9" * 30]
)
def test_other_pages_are_not_there(shown: Shown, path: str) -> None:
    assert shown.get(path).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_a_page_of_another_site_cannot_read_it(shown: Shown, host: str) -> None:
    assert shown.get("/", Host=host).status_code == 403


def test_only_the_newest_of_the_ended_instances_are_kept(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camunda_embedded._ui.pages._KEPT", 2)
    shown.gateway.mock_worker("charge", error="REFUSED")
    keys = [shown.create() for _ in range(4)]
    pages = Pages(shown.gateway)
    assert "2 COMPLETED" in pages.overview(False)
    assert [pages.instance(key, False) is None for key in keys] == [True, True, False, False]


def test_the_command_serves_it_and_ends() -> None:
    command = [
        sys.executable,
        "-u",
        "-m",
        "camunda_embedded",
        "--grpc-port",
        "0",
        "--rest-port",
        "0",
        "--ui",
        "0",
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line: Callable[[], str] = process.stdout.readline
        lines = [line() for _ in range(3)]
        address = lines[2].removeprefix("UI").strip()
        assert "Process instances" in requests.get(address, timeout=30).text
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
