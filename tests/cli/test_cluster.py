"""``status`` and ``deploy``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Line
from tests.cli.running import piped

ORDER = Path(__file__).resolve().parents[2] / "examples" / "order.bpmn"


def test_status_shows_what_answers_on_this_wire(cli: Line) -> None:
    said = cli.json("status").json
    (wire,) = said["wires"]
    assert (wire["wire"], wire["state"], wire["version"]) == (cli.wire, "healthy", "8.8.0")
    assert said["brokers"][0]["partitions"][0]["partitionId"] == 1
    assert f"{cli.wire}  " in cli("status").out


def test_status_asks_both_wires_where_both_addresses_are_there(cli: Line) -> None:
    arguments = [each for each in cli.both if each not in ("--transport", cli.wire)]
    said = piped("status", "--json", *arguments).json
    assert [wire["wire"] for wire in said["wires"]] == ["rest", "grpc"]


def test_status_of_nobody_is_unreachable(clean: None) -> None:
    said = piped("status", "--rest", "http://127.0.0.1:1", "--json")
    assert said.code == 6
    assert said.json["wires"][0]["state"] == "failed"
    assert "Unavailable" in piped("status", "--rest", "http://127.0.0.1:1").err


@pytest.mark.parametrize("width", [80, 200])
def test_a_terminal_gets_a_table_that_fits(cli: Line, width: int) -> None:
    said = cli.drawn(width, "status", "--no-color")
    assert said.code == 0
    assert "─" in said.out
    assert "8.8.0" in said.out
    assert max(map(len, said.out.splitlines())) <= width
    assert "\x1b[" not in said.out
    assert "\x1b[32m" in cli.drawn(width, "status").out


def test_deploy_tells_what_is_new(cli: Line, tmp_path: Path) -> None:
    name = f"order-{cli.wire}"
    (tmp_path / f"{name}.bpmn").write_text(ORDER.read_text().replace('id="order"', f'id="{name}"'))
    first = cli.json("deploy", tmp_path).json["deployed"]
    assert [(row["id"], row["version"], row["new"]) for row in first] == [(name, 1, True)]
    again = cli("deploy", tmp_path / f"{name}.bpmn")
    assert again.out.splitlines()[1].split()[2:] == [name, "1", first[0]["key"], "no"]


def test_deploy_of_each_goes_on_after_a_bad_file(cli: Line, tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_text("<no/>")
    (tmp_path / "b.bpmn").write_text(ORDER.read_text())
    assert cli.json("deploy", tmp_path).code == 4
    said = cli.json("deploy", tmp_path, "--each")
    assert said.code == 1
    assert [each["file"] for each in said.json["failed"]] == ["a.bpmn"]
    assert [each["id"] for each in said.json["deployed"]] == ["order"]
    assert "a.bpmn: InvalidArgument" in cli("deploy", tmp_path, "--each").err


def test_a_file_that_is_not_there_is_wrong_usage(cli: Line, tmp_path: Path) -> None:
    said = cli("deploy", tmp_path / "none.bpmn")
    assert said.code == 2
    assert "cannot be read" in said.err
