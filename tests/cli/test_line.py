"""The command line as such: help, settings, exit codes, and what goes where."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from camunda_cli._exits import MEANINGS, Exit, exit_of
from camunda_cli._registry import entries
from camunda_core.errors import CamundaError, error_classes
from scripts import cli_docs
from tests.cli.conftest import Line
from tests.cli.running import piped

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_page_is_what_help_says() -> None:
    assert cli_docs.main(["--check"]) == 0, "run python -m scripts.cli_docs"


def test_every_command_is_in_the_help_and_has_its_own() -> None:
    whole = piped("--help").out
    for name, entry in entries().items():
        assert f"  {name} " in whole
        said = piped(name, "--help")
        assert said.code == 0, name
        assert said.out.startswith(f"Usage: camunda-bridge {name}"), name
        assert entry.about.endswith(".")


def test_without_a_command_the_help_is_shown() -> None:
    said = piped()
    assert said.code == 2
    assert "Exit codes:" in said.out


@pytest.mark.parametrize("arguments", [("nothing",), ("status", "--nothing"), ("deploy",)])
def test_a_wrong_command_line_is_2(clean: None, arguments: tuple[str, ...]) -> None:
    said = piped(*arguments)
    assert said.code == 2
    assert "Usage: camunda-bridge" in said.err


def test_no_address_names_the_options(clean: None) -> None:
    said = piped("status")
    assert said.code == 2
    assert "--rest http://localhost:8080" in said.err


def test_shared_options_stand_before_or_behind(cli: Line) -> None:
    assert piped(*cli.address, "status", "--json").code == 0
    assert piped("status", *cli.address).code == 0


def test_a_profile_says_where_the_cluster_is(
    cli: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    option, address = cli.address
    (tmp_path / "camunda-bridge.toml").write_text(
        f'[profile.here]\n{option.strip("-")}_address = "{address}"\n', encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    said = piped("status", "--json", "--profile", "here")
    assert [each["wire"] for each in said.json["wires"]] == [cli.wire]
    said = piped("status", "--json", "--profile", "elsewhere")
    assert said.code == 2
    assert "there are: here" in said.err


def test_every_error_has_a_code_and_every_code_a_meaning() -> None:
    assert set(MEANINGS) == set(Exit)
    for cls in error_classes():
        assert exit_of(cls("x")) in MEANINGS
    assert exit_of(CamundaError("x")) is Exit.FAILED
    assert exit_of(KeyError("x")) is None


def test_errors_are_json_too(cli: Line, tmp_path: Path) -> None:
    import json

    said = cli.json("deploy", tmp_path / "none.bpmn")
    assert json.loads(said.err)["error"]["type"] == "InvalidRequest"


def test_it_is_the_same_as_a_module_and_names_the_extra_that_is_missing() -> None:
    ran = [
        subprocess.run(
            [sys.executable, "-m", module, "--version"], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        for module in ("bridge", "camunda_cli")
    ]
    assert [each.returncode for each in ran] == [0, 0]
    assert ran[0].stdout == ran[1].stdout
    code = (
        "import sys; sys.modules['click'] = None; from camunda_cli import main; sys.exit(main(['--version']))"
    )
    missing = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert missing.returncode == 2
    assert "camunda-bridge[cli]" in missing.stderr
