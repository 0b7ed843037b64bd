"""Commands that need no cluster: ``worker``, ``embedded``, ``demo``, ``completion``, ``profiles``, and ``deploy --watch``."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest

from camunda_cli._app import COMPLETE
from tests.cli.conftest import Line, Scene
from tests.cli.running import on_terminal, piped

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """The command line in a process of its own, and what it says, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._lines: Queue[str] = Queue()
        self.reading = Thread(target=self._read, daemon=True)
        self.reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                self._lines.put(line)

    def wait_for(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """The first line that fits from now on."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            with contextlib.suppress(Empty):
                self.said.append(self._lines.get(timeout=0.1))
                if found := re.search(pattern, self.said[-1]):
                    return found
        raise AssertionError(f"it never said {pattern}:\n{''.join(self.said)}")

    def end(self) -> int:
        """Ends it as a person does; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def program(tmp_path: Path, clean: None) -> Iterator[Callable[..., Program]]:
    running: list[Program] = []

    def start(*arguments: object) -> Program:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "bridge", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        running.append(Program(process))
        return running[-1]

    yield start
    for each in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(each.process.pid, signal.SIGKILL)
        each.process.wait(60)
        each.reading.join(60)


def test_embedded_runs_until_it_is_ended(program: Callable[..., Program]) -> None:
    gateway = program("embedded", "--grpc-port", 0, "--rest-port", 0, "--dialect", "8.8")
    grpc = gateway.wait_for(r"gRPC (\S+)")[1]
    rest = gateway.wait_for(r"REST (\S+)")[1]
    assert piped("status", "--rest", rest, "--grpc", grpc).code == 0
    assert gateway.end() == 0


def test_embedded_names_the_dialects(clean: None) -> None:
    assert piped("embedded", "--dialect", "7.20").code == 2


@pytest.mark.parametrize("width", [80, 200])
def test_demo_tells_its_story(clean: None, width: int) -> None:
    said = on_terminal(width, "demo", "--no-color")
    assert said.code == 0
    assert "the same refusal on both wires: yes: NotFound" in said.out.replace("\n", " ")
    assert len(said.out.splitlines()) <= 24
    assert [row["wire"] for row in piped("demo", "--json").json] == ["grpc", "rest"]


WORKER = """
from camunda_worker import Router, Worker

tasks = Router()

@tasks.task("{type}")
async def charge() -> dict[str, str]:
    print("handled by {word}", flush=True)
    return {{"by": "{word}"}}

def make(client):
    worker = Worker(client)
    worker.include(tasks)
    return worker

nothing = 1
"""


def test_worker_runs_a_router_or_what_makes_a_worker(
    cli: Line, scene: Scene, program: Callable[..., Program], tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(WORKER.format(type=scene.charge, word="first"))
    worker = program("worker", "shop:tasks" if cli.wire == "rest" else "shop:make", *cli.address)
    scene.start()
    worker.wait_for("handled by first")
    assert worker.end() == 0


@pytest.mark.long
def test_worker_starts_again_when_a_file_has_changed(
    cli: Line, scene: Scene, program: Callable[..., Program], tmp_path: Path
) -> None:
    if cli.wire == "grpc":
        pytest.skip("one wire is enough")
    file = tmp_path / "shop.py"
    file.write_text(WORKER.format(type=scene.charge, word="first"))
    worker = program("worker", "shop:tasks", "--reload", *cli.address)
    scene.start()
    worker.wait_for("handled by first")
    file.write_text(WORKER.format(type=scene.charge, word="second"))
    worker.wait_for("shop.py changed")
    scene.start()
    worker.wait_for("handled by second")
    worker.end()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("shop", "MODULE:WORKER"),
        ("nowhere_at_all:worker", "no module nowhere_at_all"),
        ("tests.cli.running:nothing", "has no nothing"),
        ("tests.cli.running:json", "is no worker"),
    ],
)
def test_a_worker_that_is_none_is_named(clean: None, place: str, said: str) -> None:
    ran = piped("worker", place, "--rest", "http://127.0.0.1:1")
    assert ran.code == 2
    assert said in ran.err


def test_jobs_handle_runs_a_program_for_each(
    cli: Line, scene: Scene, program: Callable[..., Program]
) -> None:
    code = (
        "import json, os, sys; given = json.load(sys.stdin); given['total'] > 0 or sys.exit('too little'); "
        "print(json.dumps({'paid': given['total'], 'key': os.environ['JOB_KEY']}))"
    )
    command = f'{sys.executable} -c "{code}"'
    running = program("jobs", "handle", scene.charge, "--handler", command, *cli.address)
    key = scene.start(total=3)
    running.wait_for(r"\d+  \{")
    assert scene.client.get_variables(key, names=["paid"], wait=10) == {"paid": 3}
    scene.start(total=0)
    running.wait_for("too little")
    assert running.end() == 0


@pytest.mark.long
def test_deploy_watch_deploys_what_changes(
    cli: Line, program: Callable[..., Program], tmp_path: Path
) -> None:
    if cli.wire == "grpc":
        pytest.skip("one wire is enough")
    order = (ROOT / "examples" / "order.bpmn").read_text()
    file = tmp_path / "watched.bpmn"
    file.write_text(order.replace('id="order"', 'id="watched"'))
    running = program("deploy", "--watch", ".", *cli.address)
    running.wait_for("watched  1")
    running.wait_for("watching")
    file.write_text("<no/>")
    running.wait_for("InvalidArgument")
    file.write_text(order.replace('id="order"', 'id="watched"').replace("Charge the card", "Charge it"))
    running.wait_for("watched  2")
    assert running.end() == 130


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_of_a_shell(clean: None, shell: str) -> None:
    said = piped("completion", shell)
    assert said.code == 0
    assert COMPLETE in said.out
    assert "camunda-bridge" in said.out


def test_a_shell_is_told_the_commands(clean: None) -> None:
    words = {"COMP_WORDS": "camunda-bridge jobs ", "COMP_CWORD": "2", COMPLETE: "zsh_complete"}
    ran = subprocess.run(
        [sys.executable, "-m", "bridge"],
        cwd=ROOT,
        env={**os.environ, **words},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert {"activate", "complete", "tail"} <= set(ran.stdout.split())


def test_profiles_are_listed_without_secrets(
    clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert piped("profiles").code == 2
    (tmp_path / "camunda-bridge.toml").write_text(
        'tenant_id = "t"\n[profile.here]\nrest_address = "http://localhost:8080"\n'
        '[profile.there]\ngrpc_address = "zeebe:443"\nclient_id = "me"\nclient_secret = "hidden"\n'
        'token_url = "https://login.example.com/token"\n[profile.broken]\nnonsense = 1\n',
        encoding="utf-8",
    )
    said = piped("profiles", "--json").json
    assert [(row["profile"], row["credentials"], row["tenant"]) for row in said] == [
        ("here", "NoCredentials", "t"),
        ("there", "OAuth", "t"),
        ("broken", None, None),
    ]
    assert "no setting nonsense" in said[2]["wrong"]
    one = piped("profiles", "there")
    assert "grpcs://zeebe:443" in one.out
    assert "hidden" not in one.out + piped("profiles").out
    assert piped("profiles", "elsewhere").code == 2
