"""Modules that are loaded when they are used, and clients that leave them unloaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from camunda_core._later import Later

ROOT = Path(__file__).resolve().parents[3]

#: What takes long to load, and what no program needs that has imported a client and called nothing.
LATE = (
    "camunda_core.jobs",
    "camunda_rest._commands.instructions",
    "camunda_rest._commands.results",
    "camunda_rest._preparing",
    "camunda_rest._reading",
    "camunda_rest._search",
    "camunda_rest._writing",
    "camunda_rest.api.filters",
    "camunda_rest.api.operations",
    "camunda_rest.api.results",
)


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "client",
    ["bridge.Client", "bridge.AsyncClient", "camunda_rest.RestClient", "camunda_rest.AsyncRestClient"],
)
def test_a_client_is_imported_without_what_its_calls_need(client: str) -> None:
    package = client.partition(".")[0]
    assert run(f"import sys, {package}; {client}; print([n for n in {LATE!r} if n in sys.modules])") == "[]"


def test_the_models_are_there_without_being_imported() -> None:
    assert run("import bridge; print(bridge.models.Deployment.__name__)") == "Deployment"


def test_it_loads_a_module_once_and_passes_on_what_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "only_for_this_test.py").write_text("print('loaded')\nanswer = 42\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    later = Later("only_for_this_test")
    assert repr(later) == "<module 'only_for_this_test', loaded when it is used>"
    assert "only_for_this_test" not in sys.modules
    assert later.answer == 42
    assert "answer" in dir(later)
    assert capsys.readouterr().out == "loaded\n"
    monkeypatch.setattr(sys.modules["only_for_this_test"], "answer", 43)
    assert later.answer == 43
    with pytest.raises(AttributeError, match="has no attribute 'question'"):
        later.question  # noqa: B018
    monkeypatch.delitem(sys.modules, "only_for_this_test")


def test_a_module_that_is_not_there_says_so() -> None:
    with pytest.raises(ModuleNotFoundError, match="nowhere_at_all"):
        Later("nowhere_at_all").anything  # noqa: B018
