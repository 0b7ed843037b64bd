"""Our flows through clients that others wrote, against the embedded doors: what each saw is what ours see.

Each program (``programs``) is ours, in the language of its client; it plays the same flows and prints what it saw. The clients come
from their registries when the tests run. What cannot be installed here is skipped, with its name and the reason.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from camunda_embedded import EmbeddedGateway
from tests.cache import Unavailable
from tests.foreign import installs
from tests.gateways import models
from tests.scenarios.callers import LoopThread
from tests.scenarios.paths import started_proxy

pytestmark = pytest.mark.long

VARIABLES = {"total": 12.5, "text": "ü€😀", "list": [1, None, {"a": True}], "large": 9007199254740991}
UNKNOWN = 2**51 + 10**12


def expected(names: Mapping[str, str], version: str) -> dict[str, Any]:
    """What every client should see of each flow."""
    return {
        "topology": {"version": version, "partitions": 1},
        "deploy": {"process": names["order"], "version": 1},
        "jobs": {
            "variables": VARIABLES,
            "headers": {"currency": "EUR"},
            "retries": 3,
            "process": names["order"],
            "element": "charge",
            "paid": True,
        },
        "result": {"a": 1},
        "retries": [3, 1, True],
        "message": {"orderId": "o-1", "amount": 12.5},
        "twice": "already exists",
        "unknown": ["not found", "not found"],
        "cancel": "not found",
        "signal": True,
        "variables": {"late": 1},
        "decision": 10,
        "stream": {"number": 7},
        # What follows is over REST alone.
        "definitions": {"name": "Order", "version": 1, "file": "order.bpmn", "xml": True},
        "instances": {
            "total": 2,
            "newest": True,
            "process": names["order"],
            "state": "ACTIVE",
            "left": 0,
        },
        "elements": [["end", "END_EVENT", "COMPLETED"], ["start", "START_EVENT", "COMPLETED"]],
        "found_variables": [[["n", "1"], ["orderId", '"o-3"']], True],
        "incidents": {
            "type": "JOB_NO_RETRIES",
            "element": "charge",
            "job": ["FAILED", 0],
            "instance": [True, False],
            "resolved": "RESOLVED",
        },
        "user_tasks": {
            "assignee": "ada",
            "groups": ["accounting"],
            "assigned": 1,
            "variables": [["sum", "7"]],
            "state": "COMPLETED",
            "instance": "COMPLETED",
        },
        "evaluations": ["Discount", "EVALUATED", "12"],
        "batch": ["COMPLETED", 2, 2, "TERMINATED", "TERMINATED"],
        "documents": ["a.txt", True, "not found"],
    }


FLOWS = tuple(expected({"order": ""}, ""))
#: Why clients of gRPC do not search.
GRPC = dict.fromkeys(FLOWS[FLOWS.index("definitions") :], "gRPC has no searches")


@dataclass(frozen=True)
class Client:
    """A client of others.

    ``command``  what runs our program with it; takes a folder for what is built
    ``dialect``  the dialect that it is made for
    ``lacks``    flows that it has no call for, and why
    ``fails``    flows that fail against this dialect today, and why
    ``proxied``  over gRPC to a proxy that speaks REST to the gateway
    """

    name: str
    command: Callable[[Path], list[str]]
    dialect: str = "8.6"
    lacks: Mapping[str, str] = field(default_factory=dict)
    fails: Mapping[str, str] = field(default_factory=dict)
    proxied: bool = False


JAVA = "io.camunda:camunda-client-java"


def official_java(version: str, wire: str) -> Callable[[Path], list[str]]:
    """The official Java client of a version, with everything on one wire."""
    return lambda build: [*installs.java("Official.java", f"{JAVA}:{version}", build), wire]


DIRECT = (
    Client(
        "zeebe-grpc 8.4.13",
        lambda _: installs.python(
            "zeebe_grpc_client.py", "zeebe-grpc==8.4.13", "grpcio", "googleapis-common-protos"
        ),
        lacks=GRPC,
    ),
    Client(
        "pyzeebe 4.7.0",
        lambda _: installs.python("pyzeebe_client.py", "pyzeebe==4.7.0"),
        lacks={
            "retries": "a worker fails its jobs by itself, with its own words and count",
            "variables": "there is no call to set variables",
            **GRPC,
        },
    ),
    Client(
        "zbctl 8.4.1",
        lambda _: [
            sys.executable,
            str(installs.PROGRAMS / "zbctl_cli.py"),
            str(installs.npm_binary("zbctl@8.4.1", "bin/zbctl-cli.linux")),
        ],
        lacks={"stream": "there is no command for it", **GRPC},
    ),
    Client(
        "official Python SDK 10.0.1",
        lambda _: installs.python("official_sdk_client.py", "camunda-orchestration-sdk==10.0.1"),
        "8.10",
        lacks={"stream": "REST has none"},
    ),
    Client(
        "official Python SDK 9.0.1",
        lambda _: installs.python("official_sdk_client.py", "camunda-orchestration-sdk==9.0.1"),
        "8.9",
        lacks={"stream": "REST has none"},
    ),
    Client(
        "TypeScript SDK 8.8.13 over gRPC",
        lambda _: installs.node("sdk_grpc.mjs", "@camunda8/sdk@8.8.13"),
        "8.8",
        lacks={"stream": "it streams to workers alone, which the other flows do without", **GRPC},
    ),
    Client(
        "TypeScript orchestration-cluster-api 9.1.5",
        lambda _: installs.node("orchestration_api.mjs", "@camunda8/orchestration-cluster-api@9.1.5"),
        "8.9",
        lacks={"stream": "REST has none"},
    ),
    Client("Java 8.8.14 over gRPC", official_java("8.8.14", "grpc"), "8.8"),
    Client("Java 8.8.14 over REST", official_java("8.8.14", "rest"), "8.8"),
    Client("Java 8.9.0 over gRPC", official_java("8.9.0", "grpc"), "8.9"),
    Client("Java 8.9.0 over REST", official_java("8.9.0", "rest"), "8.9"),
)


#: Those of gRPC, once more through a proxy in front of REST: they are to see the same.
CLIENTS = (
    *DIRECT,
    *(
        replace(each, name=f"{each.name} through the proxy", proxied=True)
        for each in DIRECT
        if each.lacks.get("definitions") == GRPC["definitions"] or each.name.endswith("over gRPC")
    ),
)


@dataclass
class Seen:
    """What a client saw."""

    flows: dict[str, Any]
    expected: dict[str, Any]


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Seen | str]:
    """What the client of that name saw, or why it cannot be had; each plays once."""

    @functools.cache
    def once(name: str) -> Seen | str:
        (client,) = [each for each in CLIENTS if each.name == name]
        folder = tmp_path_factory.mktemp("foreign")
        try:
            return run(client, client.command(folder), folder)
        except Unavailable as reason:
            return str(reason)

    return once


def run(client: Client, command: list[str], folder: Path) -> Seen:
    """One run of a client's program against a gateway of its own."""
    with EmbeddedGateway(dialect=client.dialect) as gateway, ExitStack() as stack:
        told = told_to(folder, gateway)
        if client.proxied:
            told["grpc"] = stack.enter_context(proxy_of(gateway))
        done = subprocess.run(
            [*command, json.dumps(told)],
            cwd=folder,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=installs.RUN_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return Seen(json.loads(done.stdout.splitlines()[-1]), expected(told["names"], f"{client.dialect}.0"))


@contextmanager
def proxy_of(gateway: EmbeddedGateway) -> Iterator[str]:
    """The address of a proxy in front of the gateway's REST."""
    thread = LoopThread()
    proxy = thread.run(started_proxy(gateway.rest_address))
    try:
        yield proxy.address
    finally:
        thread.run(proxy.stop(0.0))
        thread.close()


def told_to(folder: Path, gateway: EmbeddedGateway) -> dict[str, Any]:
    """What a program is told: where the gateway is, the files to deploy, and the names in them."""
    names = {
        name: models.unique(name)
        for name in [
            "order",
            "charge",
            "ship",
            "waits",
            "message",
            "thank",
            "empty",
            "decision",
            "signal",
            "approval",
        ]
    }
    fillings = {
        "order": {"process": names["order"], "charge": names["charge"], "ship": names["ship"]},
        "message": {"process": names["waits"], "message": names["message"], "job": names["thank"]},
        "empty": {"process": names["empty"]},
        "discount": {"requirements": "requirements", "decision": names["decision"]},
        "user-task": {"process": names["approval"]},
    }
    files = {}
    for name, filling in fillings.items():
        path = folder / models.filename(name)
        path.write_bytes(models.model(name, **filling))
        files[name] = str(path)
    return {
        "grpc": gateway.grpc_address,
        "rest": gateway.rest_address,
        "files": {**files, "approval": files["user-task"]},
        "names": names,
        "variables": VARIABLES,
        "unknown": UNKNOWN,
    }


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("CAMUNDA_", "ZEEBE_", "PYTHON"))}  # fmt: skip


def cases() -> Iterator[Any]:
    """Each flow of each client that has a call for it."""
    for client in CLIENTS:
        for flow in FLOWS:
            if flow in client.lacks:
                continue
            marks = (
                [pytest.mark.xfail(reason=client.fails[flow], strict=True)] if flow in client.fails else []
            )
            yield pytest.param(client, flow, id=f"{client.name}-{flow}", marks=marks)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("client", "flow"), list(cases()))
def test_a_client_of_others_sees_what_ours_see(
    play: Callable[[str], Seen | str], client: Client, flow: str
) -> None:
    seen = play(client.name)
    if isinstance(seen, str):
        pytest.skip(f"{client.name}: {seen}")
    assert seen.flows[flow] == seen.expected[flow]


def test_every_client_is_told_of_by_the_flows_that_there_are() -> None:
    for client in CLIENTS:
        assert set(client.lacks) | set(client.fails) <= set(FLOWS)
        assert not set(client.lacks) & set(client.fails)
