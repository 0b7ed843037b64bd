"""Every command, by what it shows of the embedded gateway: as JSON, in a pipe, on narrow and wide terminals, over both wires."""

from __future__ import annotations

from pathlib import Path

import pytest

import bridge
from camunda_cli._command import Group
from camunda_cli._registry import entries
from camunda_embedded import EmbeddedGateway
from tests.cli.conftest import NAMES, Line, Scene
from tests.cli.running import Ran, piped
from tests.gateways import models

ROOT = Path(__file__).resolve().parents[2]
WAYS = ("json", "piped", "80", "200")


def play(cli: Line, way: str, *arguments: object, both: bool = False) -> Ran:
    """A command that succeeds, shown in that way."""
    if way == "json":
        ran = cli.json(*arguments, both=both)
        assert ran.json is not None
    elif way == "piped":
        ran = cli(*arguments, both=both)
        assert "\x1b" not in ran.out
    else:
        ran = cli.drawn(int(way), *arguments, "--no-color", both=both)
        lines = ran.out.splitlines()
        assert "\x1b" not in ran.out
        assert not lines or max(map(len, lines)) <= int(way), ran.out
    assert ran.code == 0, ran.out + ran.err
    return ran


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_start(cli: Line, scene: Scene, way: str) -> None:
    said = play(cli, way, "start", scene.process, "--variables", '{"total": 1}', "--var", "who=me")
    by_key = cli.json("start", scene.definition).json
    assert by_key["processDefinitionId"] == scene.process
    key = said.json["processInstanceKey"] if way == "json" else said.out.split()[3]
    assert int(key) < int(by_key["processInstanceKey"])
    assert scene.client.get_variables(key, names=["total", "who"]) == {"total": 1, "who": "me"}


def test_run_deploys_and_starts(cli: Line, way: str) -> None:
    said = play(cli, way, "run", ROOT / "examples" / "order.bpmn", "--var", "total=1")
    assert "order" in said.out
    assert cli("run", ROOT / "tests" / "data" / "models" / "address.form").code == 2
    assert cli("run", ROOT / "nothing.bpmn").code == 2


def test_start_awaits_the_result(cli: Line, client: bridge.Client, way: str) -> None:
    client.deploy_resource(("empty.bpmn", models.model("empty", process="empty-cli")))
    said = play(cli, way, "start", "empty-cli", "--await", "--wait", "5s", "--var", "a=[1]", "--fetch", "a")
    assert said.json["variables"] == {"a": [1]} if way == "json" else '{"a": [1]}' in said.out


def test_cancel(cli: Line, scene: Scene, way: str) -> None:
    keys = [scene.start(), scene.start()]
    said = play(cli, way, "cancel", *keys)
    assert all(key in said.out for key in keys)
    again = cli.json("cancel", keys[0], scene.start())
    assert again.code == 3
    assert [row["state"] for row in again.json] == ["failed", "cancelled"]


def test_modify(cli: Line, scene: Scene, way: str) -> None:
    key = scene.start()
    said = play(cli, way, "modify", key, "--activate", "ship", "--variables", '{"b": 1}')
    assert way == "json" or f"modified {key}" in said.out
    (job,) = scene.client.activate_jobs(scene.ship, max_jobs_to_activate=1, request_timeout=5)
    assert job.variables["b"] == 1


def test_migrate(cli: Line, scene: Scene, way: str) -> None:
    key, other = scene.start(), Scene(scene.client)
    said = play(
        cli, way, "migrate", key, "--to", other.definition, "--map", "charge:charge", "--map", "ship:ship"
    )
    assert way == "json" or other.definition in said.out


def test_messages(cli: Line, way: str) -> None:
    name = f"message-{next(NAMES)}"
    said = play(cli, way, "publish", name, "--correlation-key", "a", "--ttl", "1m", "--message-id", "1")
    assert int(said.json["messageKey"]) if way == "json" else "message key" in said.out
    assert cli("publish", name, "--correlation-key", "a", "--ttl", "1m", "--message-id", "1").code == 4
    said = play(cli, way, "broadcast", "anybody", "--var", "a=1")
    assert int(said.json["signalKey"]) if way == "json" else "signal key" in said.out


def test_correlate_says_when_nobody_waits(cli: Line) -> None:
    said = cli.json("correlate", f"message-{next(NAMES)}", "--correlation-key", "a", both=True)
    assert said.code == 3


def test_set_variables(cli: Line, scene: Scene, way: str) -> None:
    key = scene.start()
    play(cli, way, "set-variables", key, "--var", "b=2", "--local")
    assert scene.client.get_variables(key, names=["b"]) == {"b": 2}


def test_resolve_after_retries(cli: Line, scene: Scene, way: str) -> None:
    incident, job = scene.incident()
    assert cli("resolve", incident).code in (3, 4)  # as long as the job has no retries
    play(cli, way, "jobs", "retries", job, 2)
    assert incident in play(cli, way, "resolve", incident).out


def test_evaluate(cli: Line, client: bridge.Client, way: str) -> None:
    name = f"decision-{next(NAMES)}"
    client.deploy_resource((f"{name}.dmn", models.model("discount", decision=name, requirements=f"r-{name}")))
    said = play(cli, way, "evaluate", name, "--var", "amount=100")
    assert said.json["decisionDefinitionId"] == name if way == "json" else "output" in said.out


def test_feel_needs_a_newer_cluster(cli: Line) -> None:
    assert cli("feel", "1 + 1", both=True).code == 7
    with EmbeddedGateway(dialect="8.9") as newer:
        said = piped("feel", "a + 1", "--var", "a=1", "--rest", newer.rest_address, "--json")
    assert said.json["result"] == 2


def test_evaluate_conditions_needs_a_newer_cluster(cli: Line) -> None:
    assert cli("evaluate-conditions", "--var", "a=1").code == 7
    assert cli("evaluate-conditions").code == 2


def test_delete(cli: Line, scene: Scene, way: str) -> None:
    play(cli, way, "delete", scene.definition)
    assert cli("delete", scene.definition).code == 3


def test_jobs(cli: Line, scene: Scene, way: str) -> None:
    for _ in range(4):
        scene.start()
    said = play(cli, way, "jobs", "activate", scene.charge, "--max", 4, "--wait", "5s", "--lock", "2m")
    assert said.out.count(scene.process) >= 4 or way == "80"
    first, second, third, _ = (
        [job["jobKey"] for job in said.json]
        if way == "json"
        else [each.job_key for each in scene.client.search_jobs(type=scene.charge, wait=5, sort="job_key")]
    )
    play(cli, way, "jobs", "lock", first, "1m")
    play(cli, way, "jobs", "complete", first, "--var", "paid=true")
    play(cli, way, "jobs", "fail", second, "--retries", 1, "--message", "no", "--back-off", "1s")
    play(cli, way, "jobs", "throw", third, "NOBODY", "--message", "no")
    assert cli("jobs", "complete", first).code == 3
    said = play(cli, way, "jobs", "search", "--type", scene.charge, "--wait", "5s", both=True)
    assert first in said.out


def test_jobs_tail(cli: Line, scene: Scene) -> None:
    import threading

    def later() -> None:
        for number in range(3):
            scene.start(number=number)

    begun = threading.Timer(0.5, later)
    begun.start()
    said = cli.json(
        "jobs", "tail", scene.charge, "--count", 3, "--for", "30s", "--complete", "--var", "paid=true"
    )
    begun.join()
    assert said.code == 0
    assert sorted(job["variables"]["number"] for job in said.lines) == [0, 1, 2]
    (job, *_) = scene.client.activate_jobs(scene.ship, max_jobs_to_activate=3, request_timeout=5)
    assert job.variables["paid"] is True
    assert cli("jobs", "tail", "nothing", "--for", "200ms").code == 0


def test_searches(cli: Line, scene: Scene, way: str) -> None:
    incident, _ = scene.incident()
    key = scene.start()
    said = play(
        cli,
        way,
        "instances",
        "search",
        "--process",
        scene.process,
        "--sort",
        "process_instance_key",
        both=True,
    )
    assert key in said.out
    assert key in play(cli, way, "instances", "get", key, "--variables", "--wait", "5s", both=True).out
    pattern = f"{scene.process[:-1]}*"
    said = cli(
        "instances", "search", "--process", pattern, "--filter", f"processInstanceKey={key}", both=True
    )
    assert key in said.out
    said = play(cli, way, "incidents", "search", "--process", scene.process, "--wait", "5s", both=True)
    assert incident in said.out
    assert "JOB_NO_RETRIES" in play(cli, way, "incidents", "get", incident, both=True).out.replace("\n", "")
    said = play(
        cli, way, "variables", "search", "--instance", key, "--name", "tot*", "--wait", "5s", both=True
    )
    assert "total" in said.out
    (variable,) = scene.client.search_variables(process_instance_key=key, name="total")
    assert "12" in play(cli, way, "variables", "get", variable.variable_key, both=True).out
    said = play(cli, way, "definitions", "search", "--process", scene.process, "--latest", both=True)
    assert scene.definition in said.out
    assert scene.process in play(cli, way, "definitions", "get", scene.definition, both=True).out
    assert "<bpmn:definitions" in cli("definitions", "xml", scene.definition, both=True).out


def test_a_search_says_that_there_is_more_and_that_there_is_nothing(cli: Line, scene: Scene) -> None:
    for _ in range(3):
        scene.start()
    scene.client.search_process_instances(process_definition_id=scene.process, wait=5)
    said = cli("instances", "search", "--process", scene.process, "--limit", 2, "--wait", "5s", both=True)
    assert "there are more" in said.err
    assert len(said.out.splitlines()) == 3
    said = cli("instances", "search", "--process", "no-such-process", both=True)
    assert (said.code, said.out, said.err) == (0, "", "no process instances found\n")
    assert cli("instances", "search", "--filter", "nonsense=1", both=True).code == 2


def test_tasks(cli: Line, client: bridge.Client, way: str) -> None:
    client.deploy_resource(ROOT / "examples" / "approval.bpmn")
    instance = client.create_process_instance("approval").process_instance_key
    (task,) = client.search_user_tasks(process_instance_key=instance, wait=10, limit=1)
    key = task.user_task_key
    assert key in play(cli, way, "tasks", "search", "--instance", instance, both=True).out
    play(cli, way, "tasks", "assign", key, "jane", both=True)
    play(cli, way, "tasks", "unassign", key, both=True)
    assert key in play(cli, way, "tasks", "get", key, both=True).out
    assert cli("tasks", "form", key, both=True).code == 3  # it has none
    play(cli, way, "tasks", "complete", key, "--var", "approved=true", both=True)
    assert cli("tasks", "complete", key, both=True).code in (3, 4)


def test_a_search_without_rest_names_the_option(cli: Line) -> None:
    if cli.wire == "grpc":
        said = cli("instances", "search")
        assert said.code == 7
        assert "--rest" in said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cancel", "x"), "is no key"),
        (("start", "p", "--variables", "[1]"), "is no object"),
        (("start", "p", "--variables", "{"), "is no JSON"),
        (("start", "p", "--variables", '{"a": NaN}'), "NaN is not JSON"),
        (("start", "p", "--variables", "@/nowhere.json"), "cannot be read"),
        (("start", "p", "--var", "a"), "NAME=VALUE"),
        (("start", "p", "--wait", "5s"), "--await"),
        (("publish", "m", "--ttl", "soon"), "length of time"),
        (("publish", "m", "--ttl", "1h30"), "without a unit"),
        (("modify", "1"), "nothing to do"),
        (("modify", "1", "--terminate", "2", "--variables", "{}"), "--activate"),
        (("migrate", "1", "--to", "2", "--map", "a"), "ONE:OTHER"),
        (("set-variables", "1"), "no variables"),
        (("jobs", "tail", "t", "--var", "a=1"), "--complete"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_sent(
    clean: None, arguments: tuple[str, ...], said: str
) -> None:
    ran = piped(*arguments, "--rest", "http://127.0.0.1:1")
    assert ran.code == 2
    assert said in ran.err


def test_nothing_of_a_cluster_reaches_the_terminal_as_control_characters(cli: Line, scene: Scene) -> None:
    scene.client.fail_job(scene.job(), retries=0, error_message="\x1b[31mred\x07 \u202egreen")
    for said in (
        cli("incidents", "search", "--process", scene.process, "--wait", "10s", both=True),
        cli.drawn(200, "incidents", "search", "--process", scene.process, "--no-color", both=True),
    ):
        assert "red" in said.out
        assert not {"\x1b", "\x07", "\u202e"} & set(said.out)


def test_every_command_is_played() -> None:
    """By name: a command that is registered and in no test here is missing one."""
    from importlib import import_module

    texts = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    for name, entry in entries().items():
        module, _, attribute = entry.place.partition(":")
        found = getattr(import_module(module), attribute)
        for each in found.commands if isinstance(found, Group) else [None]:
            said = f'"{name}", "{each}"' if each else f'"{name}"'
            assert said in texts, f"no test plays {said}"
