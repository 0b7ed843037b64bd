"""What the package needs: requests, and aiohttp for the asyncio client alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Blocked())
"""


def run(blocked: set[str], code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BLOCK.format(blocked=blocked) + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_blocking_client_needs_neither_grpc_nor_aiohttp() -> None:
    code = "from camunda_rest import RestClient; RestClient('http://localhost').close(); print('made')"
    assert run({"grpc", "google", "aiohttp", "yarl"}, code) == "made\n"


def test_the_facts_need_no_library_at_all() -> None:
    code = "from camunda_rest import _request, operations; print(_request.build('', operations.GET_TOPOLOGY).url)"
    assert run({"grpc", "google", "aiohttp", "yarl", "requests", "urllib3"}, code) == "/topology\n"


def test_without_aiohttp_the_asyncio_client_names_its_extra() -> None:
    code = """
from camunda_rest import AsyncRestClient, RestClient

def annotated(client: AsyncRestClient) -> None: ...

assert not isinstance(RestClient("http://localhost"), AsyncRestClient)
for use in (lambda: AsyncRestClient("http://localhost"), RestClient("http://localhost").job_wire):
    try:
        use()
    except ImportError as error:
        print(error.name == "aiohttp", isinstance(error, ValueError), error)
"""
    said = run({"aiohttp"}, code).splitlines()
    assert len(said) == 2
    for line in said:
        assert line.startswith("True True ")
        assert "camunda-bridge[aio]" in line


@pytest.mark.default_engine("what aiohttp is needed for")
def test_without_aiohttp_the_asyncio_client_over_both_wires_names_its_extra() -> None:
    code = """
import bridge
for make in (bridge.AsyncClient, bridge.aio_channel):
    try:
        make(rest_address="http://localhost")
    except ValueError as error:
        print(type(error).__name__, error)
"""
    said = run({"aiohttp"}, code).splitlines()
    assert [line.split()[0] for line in said] == ["ConfigurationError"] * 2
    assert all("camunda-bridge[aio]" in line for line in said)


def test_an_unknown_name_is_an_attribute_error() -> None:
    code = """
import camunda_rest
try:
    camunda_rest.Client
except AttributeError as error:
    print(error)
"""
    assert "Client" in run(set(), code)
