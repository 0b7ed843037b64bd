"""``verify``: every RPC on every way, what differs is found and told, and nothing is left behind."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

import bridge
from bridge._table.mapping import ROWS
from camunda_cli._settings import Session
from camunda_cli._verify import running, scenarios
from camunda_cli._verify.play import DOCUMENTED, Scenario
from camunda_cli._verify.ways import NAMES, ways
from camunda_core.errors import NotFound
from camunda_embedded import EmbeddedGateway
from camunda_rest._commands.arguments import snake
from tests.cli.running import on_terminal, piped
from tests.scenarios.differences import DIFFERENCES

PREFIX = "camunda-bridge-verify"


@pytest.fixture(autouse=True)
def _clean(clean: None) -> None:
    """No settings of whoever runs the tests."""


def both(gateway: EmbeddedGateway) -> list[str]:
    return ["--rest", gateway.rest_address, "--grpc", gateway.grpc_address]


def test_all_ways_say_the_same_and_nothing_is_left(
    embedded: EmbeddedGateway, client: bridge.Client, tmp_path: Path
) -> None:
    page, xml = tmp_path / "page.html", tmp_path / "results.xml"
    ran = piped("verify", "--json", "--html", str(page), "--junit", str(xml), *both(embedded))
    said = ran.json
    assert ran.code == 0, [each for each in said["results"] if each["said"]]
    assert said["left"] == []
    states = {each["state"] for each in said["results"]}
    assert states == {"equal", "documented", "not here"}
    assert {each["way"] for each in said["results"]} == set(NAMES)
    shown = {name for each in said["results"] for name in each["documented"]}
    assert shown <= DIFFERENCES.keys()

    mine = {"$like": f"{PREFIX}*"}
    assert list(client.search_process_instances(process_definition_id=mine, state="ACTIVE")) == []
    deployed = list(client.search_process_definitions(process_definition_id=mine))  # history keeps them
    assert len(deployed) > 50
    for each in deployed:
        with pytest.raises(NotFound):
            client.create_process_instance(process_definition_key=each.process_definition_key)

    text = page.read_text(encoding="utf-8")
    assert "http" not in text.replace("https://github.com/camunda-bridge", "")  # nothing is loaded
    assert all(f">{name}<" in text for name in NAMES)
    suites = ET.parse(xml).getroot()
    assert [suite.get("name") for suite in suites] == list(NAMES)
    assert {suite.get("failures") for suite in suites} == {"0"}


@pytest.mark.long
@pytest.mark.parametrize("dialect", ["8.6", "8.9", "8.10"])
def test_clusters_of_other_lines(dialect: str) -> None:
    with EmbeddedGateway(dialect=dialect) as gateway:
        ran = piped("verify", "--json", *both(gateway))
    said = ran.json
    assert ran.code == 0, [each for each in said["results"] if each["said"]]
    skipped = {each["scenario"] for each in said["results"] if each["state"] == "not here"}
    assert (
        skipped
        == {
            "8.6": {"incidents", "priorities", "conditions"},
            "8.9": {"priorities"},
            "8.10": set(),
        }[dialect]
    )


def test_one_wire_alone(embedded: EmbeddedGateway) -> None:
    said = piped("verify", "--json", "--only", "topology", "--grpc", embedded.grpc_address).json
    assert [each["way"] for each in said["results"]] == ["client over gRPC", "asyncio client over gRPC"]
    said = piped("verify", "--json", "--only", "incident", "--grpc", embedded.grpc_address).json
    states = {each["scenario"]: each["state"] for each in said["results"]}
    assert states["incidents"] == "not here"


@pytest.mark.parametrize("width", [80, 200])
def test_on_a_terminal(embedded: EmbeddedGateway, width: int) -> None:
    ran = on_terminal(width, "verify", "--no-color", "--only", "topology", *both(embedded))
    assert ran.code == 0
    assert "6 plays, 0 differ or failed" in ran.out


def test_the_scenarios_are_listed_and_chosen(embedded: EmbeddedGateway) -> None:
    rows = piped("verify", "--json", "--list", "--only", "topology").json
    assert [row["about"] for row in rows] == ["Topology"]
    assert piped("verify", "--only", "nonsense", *both(embedded)).code == 2
    assert piped("verify", "--rest", "http://127.0.0.1:1", "--only", "topology").code == 6


def test_every_rpc_is_played() -> None:
    played = " ".join(each.about for each in scenarios.SCENARIOS)
    assert [rpc for rpc in ROWS if rpc not in played] == []


def test_what_is_said_to_be_documented_is() -> None:
    assert {name: DIFFERENCES[name].parts for name in DOCUMENTED} == DOCUMENTED


class Liar:
    """A way on which one method gives something else."""

    def __init__(self, way: Any, method: str, lie: Any) -> None:
        self.name = "a liar"
        self._way, self._method, self._lie = way, method, lie

    def call(self, method: str, *args: Any, **given: Any) -> Any:
        made = self._way.call(method, *args, **given)
        return self._lie(made) if method == self._method else made

    def jobs(self, *args: Any, **given: Any) -> Any:
        return self._way.jobs(*args, **given)


def test_a_way_that_says_something_else_is_found(embedded: EmbeddedGateway, tmp_path: Path) -> None:
    session = Session(options={"rest": embedded.rest_address, "grpc": embedded.grpc_address})
    opened = ways(session)
    try:
        run = _verified(session, [opened[0], Liar(opened[1], "topology", _other_version)], "topology")
        assert [each.state for each in run.results] == ["equal", "differs"]
        assert run.wrong[0].said == ("0 topology.gateway_version: '8.8.0' against '9.9.9'",)
        run = _verified(session, [opened[0], Liar(opened[1], "complete_job", _refuse)], "jobs")
        assert [each.state for each in run.results] == ["equal", "failed"]
        assert "not a job any more" in run.wrong[0].said[0]
        assert run.left == []
    finally:
        for way in opened:
            way.close()
    from camunda_cli._verify.report import html, junit

    assert "not a job any more" in html(run, ["client over gRPC", "a liar"], "now")
    assert ET.fromstring(junit(run))[1].get("errors") == "1"


def _verified(session: Session, chosen: list[Any], name: str) -> running.Run:
    wanted: list[Scenario] = [each for each in scenarios.SCENARIOS if each.name == name]
    return running.verified(session, chosen, wanted, prefix=PREFIX, keep=False, step=lambda _: None)


def _other_version(topology: Any) -> Any:
    from dataclasses import replace

    return replace(topology, gateway_version="9.9.9")


def _refuse(_: Any) -> Any:
    raise NotFound("not a job any more")


def test_the_methods_that_scenarios_call_are_those_of_the_client() -> None:
    for rpc in ROWS:
        assert hasattr(bridge.Client, snake(rpc))
