"""Scanning sources: what is found in programs of the wild, its fate, the forms of the result, and that no file breaks it."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bridge._table.mapping import ROWS
from camunda_cli._scan import names, python
from camunda_cli._scan.fate import FATES, Call, fate_of
from camunda_cli._scan.walking import files_of, scan
from camunda_core.errors import ConfigurationError
from camunda_grpc import gateway_pb2 as pb
from tests.cli.running import on_terminal, piped

ROOT = Path(__file__).resolve().parents[2]
LEGACY = ROOT / "tests" / "data" / "legacy"
_LISTED = re.compile(r"(?:#|//) calls: ([\w?, ]+)$")
SOURCES = sorted(each for each in LEGACY.iterdir() if each.suffix != ".md")


def listed(file: Path) -> Counter[tuple[int, str]]:
    """The hand-made list of a file: line and RPC."""
    found: Counter[tuple[int, str]] = Counter()
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        match = _LISTED.search(line)
        if match:
            found.update((number, rpc.strip()) for rpc in match[1].split(","))
    return found


def found_in(file: Path) -> Counter[tuple[int, str]]:
    sources = scan([file])
    assert not sources.unread
    return Counter((call.line, call.rpc or "?") for call in sources.calls)


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_every_call_of_a_program_is_found_and_nothing_else(file: Path) -> None:
    assert found_in(file) == listed(file)


def test_recall_and_precision_over_all_of_them() -> None:
    wanted = sum(
        (Counter({(file, *key): n for key, n in listed(file).items()}) for file in SOURCES), Counter()
    )
    found = sum(
        (Counter({(file, *key): n for key, n in found_in(file).items()}) for file in SOURCES), Counter()
    )
    right = sum((wanted & found).values())
    assert wanted.total() > 60
    assert right / wanted.total() >= 0.95
    assert right / found.total() >= 0.95


def test_recall_and_precision_over_the_sources_of_pyzeebe() -> None:
    """Real code that nobody wrote for this: every call on its stub, found by how it calls that attribute."""
    pyzeebe = pytest.importorskip("pyzeebe")
    folder = Path(pyzeebe.__file__).parent / "grpc_internals"
    wanted = Counter(
        (file.name, number, rpc)
        for file in folder.glob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for rpc in re.findall(r"_gateway_stub\.([A-Z]\w+)\(", line)
    )
    found = Counter(
        (Path(call.path).name, call.line, call.rpc) for call in scan(sorted(folder.glob("*.py"))).calls
    )
    assert wanted.total() >= 14
    assert found == wanted


def test_fields_are_those_that_the_source_sets() -> None:
    calls = {(Path(call.path).name, call.line): call for call in scan(files_of([LEGACY])).calls}
    by_name = {(name, call.rpc): set(call.fields) for (name, _), call in sorted(calls.items(), reverse=True)}
    assert by_name["zeebe_grpc_worker.py", "CreateProcessInstance"] == {
        "bpmnProcessId",
        "version",
        "variables",
    }
    assert by_name["zeebe_grpc_worker.py", "PublishMessage"] == {"name", "correlationKey", "businessId"}
    assert by_name["zeebe_grpc_worker.py", "CreateProcessInstanceWithResult"] >= {"request", "requestTimeout"}
    assert by_name["pyzeebe_app.py", "CreateProcessInstance"] == {"bpmnProcessId", "variables", "tenantId"}
    assert by_name["PaymentWorker.java", "CreateProcessInstance"] == {"bpmnProcessId", "version", "variables"}
    assert by_name["LegacyStub.java", "CompleteJob"] == {"jobKey", "variables"}
    assert by_name["worker.go", "PublishMessage"] == {"name", "correlationKey"}
    assert by_name["Worker.cs", "CancelProcessInstance"] == {"processInstanceKey"}
    assert by_name["worker.ts", "PublishMessage"] == {"name", "correlationKey", "timeToLive"}


def test_the_fields_are_those_of_the_protocol() -> None:
    for rpc in ROWS:
        own = {each.name for each in getattr(pb, f"{rpc}Request").DESCRIPTOR.fields}
        assert own <= set(names.fields_of(rpc).values()), rpc


def call(rpc: str, *fields: str) -> Call:
    return Call("a.py", 1, 1, rpc, "python", "stub", fields)


@pytest.mark.parametrize(
    ("made", "version", "fate"),
    [
        (call("Topology"), (8, 6), "same"),
        (call("SetVariables"), (8, 6), "same"),
        (call("CompleteJob", "jobKey", "variables"), (8, 6), "same"),
        (call("CreateProcessInstance", "bpmnProcessId"), (8, 6), "renamed"),
        (call("UpdateJobRetries", "retries"), (8, 6), "renamed"),
        (call("StreamActivatedJobs"), (8, 9), "emulated"),
        (call("CompleteJob", "result"), (8, 6), "refused"),
        (call("CompleteJob", "result"), (8, 8), "same"),
        (call("UpdateJobRetries", "operationReference"), (8, 6), "refused"),
        (call("ModifyProcessInstance", "moveInstructions"), (8, 8), "refused"),
        (call("EvaluateConditional"), (8, 8), "refused"),
        (call("EvaluateConditional"), (8, 9), "same"),
        (call(""), (8, 9), "unknown"),
    ],
)
def test_the_fate_is_that_of_the_table(made: Call, version: Any, fate: str) -> None:
    found = fate_of(made, version)
    assert found.fate == fate
    assert bool(found.way_out) == (fate in ("refused", "emulated", "unknown"))


def test_every_rpc_has_a_fate_with_and_without_fields() -> None:
    for rpc in ROWS:
        for version in ((8, 6), (8, 8), (8, 10)):
            for fields in ((), tuple(names.fields_of(rpc).values())):
                assert fate_of(call(rpc, *fields), version).fate in FATES


def test_the_legacy_program_of_the_readme_is_understood() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(each for each in re.findall(r"```python\n(.*?)```", text, re.S) if "GatewayStub" in each)
    assert {each.rpc for each in python.calls_in(block, "readme.py")} >= {"Topology", "CompleteJob"}


def test_a_copy_of_the_protocol_is_read() -> None:
    calls = scan([ROOT / "proto" / "gateway.proto"]).calls
    assert {each.rpc for each in calls} == set(ROWS)
    assert not any(each.sure for each in calls)


def test_the_summary_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    ran = piped("scan", str(LEGACY), "--cluster-version", "8.8")
    assert ran.code == 0
    assert "on a cluster of 8.8" in ran.out
    assert "% move by changing the line that makes the channel" in ran.out
    assert re.search(r"zeebe_grpc_worker.py:\d+ +PublishMessage +refused", ran.out)
    drawn = on_terminal(80, "scan", str(LEGACY))
    assert drawn.code == 0
    assert "refused" in drawn.out


def test_json_markdown_and_sarif(tmp_path: Path) -> None:
    data = piped("scan", str(LEGACY), "--json").json
    assert data["clusterVersion"] == "8.6"
    assert sum(data["summary"].values()) == len(data["calls"])
    report = tmp_path / "scan.md"
    assert piped("scan", str(LEGACY), "--format", "markdown", "--output", str(report)).code == 0
    assert "## Refused: 1" in report.read_text(encoding="utf-8")
    document = json.loads(piped("scan", str(LEGACY), "--format", "sarif").out)
    (run,) = document["runs"]
    assert document["version"] == "2.1.0"
    told = [each for each in data["calls"] if each["fate"] in ("refused", "emulated", "unknown")]
    assert len(run["results"]) == len(told)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] > 0
        assert result["message"]["text"]


@pytest.mark.parametrize(
    ("fail_on", "version", "code"),
    [("refused", "8.6", 1), ("refused", "8.10", 0), ("unknown", "8.10", 1), ("emulated", "8.10", 1)],
)
def test_a_build_can_fail_on_what_is_found(fail_on: str, version: str, code: int) -> None:
    assert piped("scan", str(LEGACY), "--fail-on", fail_on, "--cluster-version", version).code == code


def test_what_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    ran = piped("scan", str(tmp_path / "nothing"))
    assert ran.code == 2
    assert "no such file or folder" in ran.err
    with pytest.raises(ConfigurationError):
        files_of([tmp_path / "nothing"])


def test_no_file_breaks_it(tmp_path: Path) -> None:
    """A thousand files: noise, cut and shuffled sources, deep nesting, other encodings."""
    chance = random.Random(15)
    texts = [each.read_bytes() for each in SOURCES]
    suffixes = (".py", ".java", ".go", ".cs", ".ts", ".tsx", ".js", ".proto")
    for number in range(1000):
        text = chance.choice(texts)
        kind = number % 5
        if kind == 0:
            text = chance.randbytes(chance.randrange(2000))
        elif kind == 1:
            text = text[: chance.randrange(len(text))]
        elif kind == 2:
            words = re.findall(rb"\w+|\W", text)
            chance.shuffle(words)
            text = b"".join(words)
        elif kind == 3:
            text = b"zeebe " + b"(" * chance.randrange(3000) + text
        else:
            text = text.decode().encode(chance.choice(("utf-16", "utf-8-sig", "latin-1")), "replace")
        (tmp_path / f"f{number}{chance.choice(suffixes)}").write_bytes(text)
    files = files_of([tmp_path])
    sources = scan(files)
    assert sources.files == len(files) == 1000


def test_generated_stubs_and_foreign_folders_are_left_out(tmp_path: Path) -> None:
    for name in ("gateway_pb2_grpc.py", "node_modules/a.js", ".venv/b.py", "own.py"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("from zeebe_grpc.gateway_pb2_grpc import GatewayStub\nGatewayStub(c).Topology(r)\n")
    assert [each.name for each in files_of([tmp_path])] == ["own.py"]
    assert len(files_of([tmp_path / "gateway_pb2_grpc.py"])) == 1


@pytest.mark.long
def test_ten_thousand_files_are_read(tmp_path: Path) -> None:
    sources = [(each.name, each.read_text(encoding="utf-8")) for each in SOURCES]
    for number in range(10_000):
        name, text = sources[number % len(sources)]
        folder = tmp_path / str(number // 100)
        folder.mkdir(exist_ok=True)
        (folder / f"{number}_{name}").write_text(text, encoding="utf-8")
    seen = Counter[str]()
    found = scan(files_of([tmp_path]), lambda: seen.update(["file"]))
    assert found.files == seen["file"] == 10_000
    assert not found.unread
