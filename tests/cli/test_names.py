"""The names of zbctl and c8ctl: each line of theirs does what ours does."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from camunda_cli._names import NAMES, rewritten
from camunda_cli._registry import entries
from tests.cli.conftest import Line, Scene


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (
            "create instance order --version 2 --variables '{}'",
            "start order --process-version 2 --variables '{}'",
        ),
        ("create instance order --withResult --requestTimeout 30s", "start order --await --wait=30s"),
        (
            "create pi --id=order --awaitCompletion --requestTimeout=30000",
            "start order --await --wait=30000ms",
        ),
        ("await pi --id order", "start --await order"),
        ("cancel pi 1", "cancel 1"),
        ("cancel 1", "cancel 1"),
        ("list pi --id=order --state=ACTIVE", "instances search --process=order --state=ACTIVE"),
        ("--profile prod list inc", "--profile prod incidents search"),
        ("search pi --key=7", "instances search --filter process_instance_key=7"),
        ("search variables --name=a --fullValue", "variables search --name=a --full"),
        ("search inc --errorMessage '*x*'", "incidents search --message '*x*'"),
        ("get pi 1 --variables", "instances get 1 --variables"),
        ("get topology", "status"),
        (
            "activate jobs pay --maxJobsToActivate 3 --timeout 5m --variables a,b",
            "jobs activate pay --max 3 --lock=5m --fetch a,b",
        ),
        ("activate jobs pay --timeout=120000", "jobs activate pay --lock=120000ms"),
        ("complete job 1 --variables '{}'", "jobs complete 1 --variables '{}'"),
        ("fail job 1 --retries 2 --errorMessage no", "jobs fail 1 --retries 2 --message no"),
        ("throwError job 1 --errorCode E --errorMessage no", "jobs throw 1 --message no E"),
        ("update retries 1 --retries 3", "jobs retries 1 3"),
        ("complete ut 1", "tasks complete 1"),
        ("assign ut 1 --assignee=jane", "tasks assign 1 jane"),
        ("resolve inc 1", "resolve 1"),
        (
            "publish message m --correlationKey k --ttl 60s --messageId 1",
            "publish m --correlation-key k --ttl=60s --message-id 1",
        ),
        ("publish message --ttl 60s", "publish message --ttl 60s"),
        ("broadcast signal s", "broadcast s"),
        ("set variables 1 --variables '{}' --local", "set-variables 1 --variables '{}' --local"),
        ("deploy resource a.bpmn", "deploy a.bpmn"),
        ("watch models", "deploy --watch models"),
        ("evaluate decision d", "evaluate d"),
        (
            "status --insecure --address localhost:26500 -o json",
            "status --insecure --address localhost:26500 -o json",
        ),
        (
            "get topology --insecure --address localhost:26500 -o json",
            "status --insecure --address localhost:26500 -o json",
        ),
        ("version", "--version"),
        ("help deploy", "deploy --help"),
        ("start order", "start order"),
    ],
)
def test_a_line_of_theirs_is_one_of_ours(theirs: str, ours: str) -> None:
    assert rewritten(shlex.split(theirs)) == shlex.split(ours)


def test_every_name_leads_to_a_command() -> None:
    for name in NAMES:
        assert name.ours[0] in entries(), name


def test_a_folder_that_is_named_like_a_noun_is_deployed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resource").mkdir()
    assert rewritten(["deploy", "resource", "other"]) == ["deploy", "resource", "other"]


def test_lines_of_zbctl_work(cli: Line, scene: Scene) -> None:
    made = cli.json("create", "instance", scene.process, "--variables", '{"a": 1}').json
    job = cli(
        "activate", "jobs", scene.charge, "--maxJobsToActivate", 1, "--requestTimeout", "5s", "-o", "json"
    ).json[0]
    assert job["variables"] == {"a": 1}
    assert cli("fail", "job", job["jobKey"], "--retries", 1, "--errorMessage", "no").code == 0
    assert cli("set", "variables", made["processInstanceKey"], "--variables", '{"b": 1}').code == 0
    assert cli("cancel", "instance", made["processInstanceKey"]).code == 0
    assert cli("cancel", "instance", made["processInstanceKey"]).code == 3
    assert cli("status", "-o", "json").json["wires"][0]["version"] == "8.8.0"
