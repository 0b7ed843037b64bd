"""Every generated method against a server that nobody here wrote: prism, a mock of the published OpenAPI files.

It refuses requests that the files do not allow (422), and answers as they say. What is wrong in the files themselves is repaired
where they are read, or listed in ``test_rest_api.MISTAKES``.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from camunda_core.errors import CamundaError, InvalidArgument
from camunda_core.retry import NO_RETRY
from camunda_rest._writing import snake
from tests.cache import Unavailable
from tests.contract import openapi, published
from tests.contract.test_rest_api import DESCRIBED, MISTAKES, arguments, operations
from tests.fakes.ports import free_port
from tests.foreign import installs
from tests.unit.camunda_rest.api.sides import SIDES, opened

pytestmark = pytest.mark.long

PRISM = "@stoplight/prism-cli@5.14.2"
STARTING = 60.0  # s

#: What prism itself cannot do: the operation, and why.
BEYOND_PRISM: dict[str, str] = {"createDocuments": "it reads the parts of one name in a form as one text"}


class Mock:
    """A prism that serves one published file."""

    def __init__(self, version: str) -> None:
        try:
            room = installs.installed(PRISM)
        except Unavailable as reason:
            pytest.skip(f"{PRISM}: {reason}")
        repaired = openapi.spec(version).repaired
        root = yaml.safe_load(repaired.read_text(encoding="utf-8"))
        root["paths"] = {f"/v2{path}": item for path, item in root["paths"].items()}
        root["servers"] = [{"url": "/"}]
        file = repaired.with_name("prism.yaml")
        file.write_text(json.dumps(root), encoding="utf-8")
        self.port = free_port()
        command = ["node", str(room / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js")]
        self._process = subprocess.Popen(
            [*command, "mock", "--errors", "--port", str(self.port), str(file)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "NO_COLOR": "1"},
        )
        self.address = f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        until = time.monotonic() + STARTING
        while time.monotonic() < until:
            if self._process.poll() is not None:
                pytest.skip(f"{PRISM} does not run here: it ended with {self._process.returncode}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.1)
        pytest.skip(f"{PRISM} does not listen after {STARTING:g} s")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


@pytest.fixture(scope="module", params=list(published.OPENAPIS))
def mock(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The version that is served, and where."""
    server = Mock(request.param)
    try:
        server.wait()
        yield request.param, server.address
    finally:
        server.stop()


@pytest.mark.parametrize("side", SIDES)
def test_a_violation_is_refused(mock: tuple[str, str], side: str) -> None:
    _, address = mock
    with opened(side, address, retry=NO_RETRY) as client, pytest.raises(InvalidArgument) as caught:
        client.update_user_task(5, changeset={"priority": 2**40})
    assert caught.value.problem is not None
    assert caught.value.problem.status in (400, 422)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("side", SIDES)
def test_every_method_is_understood_and_understands(mock: tuple[str, str], side: str) -> None:
    version, address = mock
    failed: dict[str, str] = {}
    names = [
        name for name in operations(version) if (version, name) not in MISTAKES and name not in BEYOND_PRISM
    ]
    with opened(
        side, address, retry=NO_RETRY, timeout=30, cluster_version=published.OPENAPIS[version]
    ) as client:
        for name in names:
            try:
                _understood(client, version, name)
            except CamundaError as error:
                said = _violations(error)
                if said:
                    failed[name] = said
    assert failed == {}
    assert len(names) > 100


def _violations(error: CamundaError) -> str:
    """What is wrong with a request. Examples of the file that break its own rules are none of ours."""
    found = error.problem.extra.get("validation", ()) if error.problem is not None else ()
    if found and all(each["location"][0] == "response" for each in found):
        return ""
    return f"{type(error).__name__}: {error}; {found}"[:600]


def _understood(client: Any, version: str, name: str) -> None:
    @settings(
        max_examples=2,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(arguments(version).call(name))
    def call(made: tuple[list[Any], dict[str, Any]]) -> None:
        keys, named = made
        answer = getattr(client, snake(name))(*keys, **named)
        if DESCRIBED[name].page:
            answer.page()
        elif DESCRIBED[name].media == "binary":
            answer.read()

    call()
