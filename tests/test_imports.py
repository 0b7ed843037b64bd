"""Who may import whom: read from the sources, and tried with the other wire's library out of reach.

camunda_core      the standard library; OpenTelemetry in the module that measures with it alone
camunda_rest      camunda_core, requests; aiohttp in the asyncio client alone
camunda_grpc      camunda_core, grpc, google.protobuf, google.rpc; camunda_fast where that engine is asked for
camunda_fast      camunda_core, httpunk
bridge            all of these, grpc only where a gRPC route or a gRPC channel is asked for
camunda_worker    camunda_core; OpenTelemetry in the module that measures with it alone
camunda_cli       everything above, and below click and rich; watchfiles where a worker is started again
camunda_embedded  camunda_core, the compiled protocol, the table and its transcoding, the facts of the REST contract, grpc, one
                  HTTP server library and one of regular expressions; the client in the fixtures for pytest alone, and its
                  models where test cases are run

Within ``camunda_embedded`` and ``camunda_rest`` no import leads back to where it came from, not even one for types.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

STDLIB = sys.stdlib_module_names | {"annotationlib"}  # which Python 3.14 brought
REQUESTS = ("requests", "urllib3")  # requests is built on urllib3
AIOHTTP = ("aiohttp", "yarl", "multidict")  # aiohttp on the others
GRPC = ("grpc", "google.protobuf", "google.rpc")

#: The contract of the REST API as generated facts.
CONTRACT = (
    "camunda_rest._described",
    "camunda_rest._versions",
    "camunda_rest.api.answers",
    "camunda_rest.api.operations",
    "camunda_rest.api.shapes",
    "camunda_rest.conditions",
)

#: What the command line stands on: everything of ours, and what draws it.
ABOVE = (
    "bridge",
    "camunda_core",
    "camunda_embedded",
    "camunda_grpc",
    "camunda_proxy",
    "camunda_rest",
    "camunda_worker",
    "click",
    "rich",
    "watchfiles",
    *GRPC,
    *REQUESTS,
)

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "camunda_core": (),
    "camunda_core/_engines.py": ("httpunk",),  # which version there is, when that engine is asked for
    "camunda_core/_profiles.py": ("dotenv", "tomli"),  # when files are asked for
    "camunda_core/_grant.py": ("cryptography", "jwt"),  # when a client assertion is signed
    "camunda_core/_socks.py": ("python_socks",),  # when there is a SOCKS proxy
    "camunda_core/otel.py": ("opentelemetry",),
    "camunda_core/tls.py": ("cryptography",),  # when gRPC is given an encrypted key
    "camunda_rest": ("camunda_core", *REQUESTS),
    "camunda_rest/_aiohttp.py": ("camunda_core", *AIOHTTP),
    "camunda_rest/_fast.py": ("camunda_core", "camunda_fast"),  # when that engine is asked for
    "camunda_grpc": ("camunda_core", *GRPC),
    "camunda_grpc/_fast.py": ("camunda_core", "camunda_fast"),  # when that engine is asked for
    "camunda_fast": ("camunda_core", "httpunk"),
    "bridge/__main__.py": ("camunda_cli",),  # the one arrow up: python -m bridge
    "bridge": ("camunda_core", "camunda_rest", "camunda_grpc", *GRPC),
    "bridge/_rehearsal/meters.py": ("bridge", "camunda_core", "opentelemetry"),
    "camunda_worker": ("camunda_core",),
    "camunda_worker/otel.py": ("camunda_core", "opentelemetry"),
    "camunda_embedded": (
        "camunda_core",
        "camunda_grpc._generated",
        "bridge._table.mapping",
        "bridge._table.transcode",
        *CONTRACT,
        *AIOHTTP,
        *GRPC,
        "regex",
    ),
    "camunda_embedded/_tokens.py": ("camunda_core", "jwt"),  # when tokens are verified
    "camunda_cli": ABOVE,
    "camunda_proxy": (
        "bridge._doors",
        "bridge._dropin",
        "bridge._table.mapping",
        "bridge._table.transcode",
        "camunda_core",
        "camunda_grpc",
        "camunda_rest",
        *AIOHTTP,
        *GRPC,
        "prometheus_client",
    ),
    "camunda_cli/_scan/trees.py": (*ABOVE, "tree_sitter"),  # and the grammars, by their names
    "camunda_embedded/_coverage/plugin.py": ("pytest",),
    "camunda_embedded/testing/_cases/items.py": ("camunda_core", "pytest"),
    "camunda_embedded/testing/_cases/running.py": ("bridge.models", "camunda_core"),
    "camunda_embedded/pytest_plugin.py": ("bridge", "camunda_core", "pytest"),
}

#: What the client over REST is made of: no module of it may need grpc or protobuf.
FREE_OF_GRPC = (
    "camunda_rest._commands.decoding",
    "bridge._client.caller",
    "bridge._client.client",
    "bridge._table.codecs",
    "bridge._entrance",
    "bridge._job_wire",
    "bridge._table.mapping",
    "bridge._doors.polling",
    "bridge._doors.rest",
    "bridge._doors.rest_stream",
    "bridge._doors.waiting",
    "bridge.routing",
    "bridge._table.versions",
)


def sources() -> Iterator[Path]:
    for package in sorted({name.partition("/")[0] for name in MAY_IMPORT}):
        yield from sorted((ROOT / package).rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    """Every module that a file names in an import, wherever it stands in the file."""
    package = file.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module or "")))
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__"):
            yield from (each.value for each in node.args if isinstance(each, ast.Constant))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _for_types_only(file: Path) -> set[str]:
    """What is imported for the type checker alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING":
            for each in ast.walk(node):
                if isinstance(each, ast.ImportFrom):
                    found.update(f"{each.module}.{alias.name}" for alias in each.names)
    return found


def _within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("file", list(sources()), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_only_what_its_package_may(file: Path) -> None:
    place = file.relative_to(ROOT).as_posix()
    package = place.partition("/")[0]
    allowed = (package, *MAY_IMPORT.get(place, MAY_IMPORT[package]))
    foreign = {
        module
        for module in imports(file)
        if module.partition(".")[0] not in STDLIB and not _within(module, allowed)
    }
    backports = {module for module in foreign if module.startswith("typing_extensions.")}
    assert foreign - (backports & _for_types_only(file)) == set()


def test_the_rule_covers_every_package_of_the_distribution() -> None:
    # tomllib came with Python 3.11.
    listed = re.search(r"^packages = \[(.*)\]$", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    assert listed is not None
    packages = set(re.findall(r'"(\w+)"', listed[1]))
    assert packages == {name.partition("/")[0] for name in MAY_IMPORT}


def test_the_reader_sees_every_way_to_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "pack").mkdir()
    file = tmp_path / "pack" / "one.py"
    file.write_text(
        "import a.b, c\nfrom d import e\nfrom . import f\nfrom .g import h\n"
        "def late():\n    import i\n    importlib.import_module('j')\n    __import__('k')\n",
        encoding="utf-8",
    )
    assert set(imports(file)) == {"a.b", "c", "d.e", "pack.f", "pack.g.h", "i", "j", "k"}


# No circles

#: What the kernel of the engine is made of; the parts of the engine are not among it.
OF_THE_KERNEL = {
    f"camunda_embedded._engine.{name}"
    for name in ("command", "kernel", "rejections", "resources", "schedule", "state", "work")
}


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def arrows(package: str) -> dict[str, set[str]]:
    """Of each module of a package the modules of it that it names in an import, those for the type checker included."""
    files = {_module(file): file for file in sorted((ROOT / package).rglob("*.py"))}
    found: dict[str, set[str]] = {}
    for module, file in files.items():
        named = {name if name in files else name.rpartition(".")[0] for name in imports(file)}
        found[module] = (named & files.keys()) - {module}
    return found


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The modules of each circle: all that lead back to each other."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ends = [start]
        while ends:
            new = graph[ends.pop()] - seen
            seen |= new
            ends += new
        return seen

    after = {module: reached(module) for module in graph}
    found = {
        frozenset({module, *(other for other in after[module] if module in after[other])})
        for module in graph
        if module in after[module]
    }
    return sorted(sorted(circle) for circle in found)


@pytest.mark.parametrize("package", ["camunda_embedded", "camunda_rest"])
def test_no_import_leads_back_to_where_it_came_from(package: str) -> None:
    graph = arrows(package)
    assert sum(map(len, graph.values())) > 10  # it was read
    assert circles(graph) == []


def test_a_circle_is_found_even_where_it_is_for_types_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "pack" / "inner").mkdir(parents=True)
    sources = {
        "__init__": "",
        "one": "from pack.inner import two",
        "inner/__init__": "",
        "inner/two": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pack.three import Thing",
        "three": "from .one import other\nfrom pack.four import four",
        "four": "import os",
    }
    for name, text in sources.items():
        (tmp_path / "pack" / f"{name}.py").write_text(text, encoding="utf-8")
    assert circles(arrows("pack")) == [["pack.inner.two", "pack.one", "pack.three"]]


def test_the_kernel_of_the_engine_knows_none_of_its_parts() -> None:
    graph = arrows("camunda_embedded")
    seen: set[str] = set()
    ends = ["camunda_embedded._engine.kernel"]
    while ends:
        new = {name for name in graph[ends.pop()] - seen if name.startswith("camunda_embedded._engine.")}
        seen |= new
        ends += new
    assert seen <= OF_THE_KERNEL


def test_the_engine_is_put_together_in_one_place() -> None:
    graph = arrows("camunda_embedded")
    engine = "camunda_embedded._engine.engine"
    assert [name for name in graph if engine in graph[name] and "._engine." in name] == []
    assert graph[engine] >= {
        f"camunda_embedded._engine.{part}" for part in ("kernel", "tree", "jobs", "lifecycle", "creation")
    }


# With libraries out of reach

BLOCK = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        for each in {blocked!r}:
            if name == each or name.startswith(each + "."):
                raise ModuleNotFoundError("blocked: " + name, name=name)

sys.meta_path.insert(0, Blocked())
"""

REST_SERVER = """
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, {"brokers": [], "clusterSize": 1, "gatewayVersion": "8.6.0"})

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(204, None)

    def answer(self, status, body):
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
"""


def run(blocked: tuple[str, ...], code: str) -> str:
    """What a new interpreter prints in which some libraries cannot be imported."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCK.format(blocked=blocked) + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def modules(package: str) -> list[str]:
    names = (file.relative_to(ROOT).with_suffix("").parts for file in (ROOT / package).rglob("*.py"))
    return sorted(".".join(parts).removesuffix(".__init__") for parts in names if parts[-1] != "__main__")


def test_the_core_needs_nothing_but_python() -> None:
    code = f"""
before = set(sys.modules)
for name in {modules("camunda_core")!r}:
    __import__(name)
tops = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(sorted(tops - sys.stdlib_module_names - {{"camunda_core"}}))
"""
    assert run((*REQUESTS, *AIOHTTP, "grpc", "google"), code) == "[]\n"


def test_everything_of_rest_works_without_grpc_and_protobuf() -> None:
    code = (
        REST_SERVER
        + f"""
import asyncio
for name in {modules("camunda_rest")!r}:
    __import__(name)
from camunda_rest import AsyncRestClient, RestClient, operations

with RestClient(address) as client:
    print(client.call(operations.GET_TOPOLOGY)["gatewayVersion"])

async def main():
    async with AsyncRestClient(address) as client:
        print(await client.call(operations.COMPLETE_JOB, {{"jobKey": 1}}, {{}}))

asyncio.run(main())
server.shutdown()
server.server_close()
"""
    )
    assert run(("grpc", "google", "grpc_status"), code) == "8.6.0\nNone\n"


def test_the_clients_over_rest_work_without_grpc_and_protobuf() -> None:
    code = (
        REST_SERVER
        + """
import asyncio
import bridge

with bridge.Client(rest_address=address) as client:
    print(client.topology().gateway_version)
    print(client.complete_job(1, {"a": 1}))

async def main():
    async with bridge.AsyncClient(rest_address=address) as client:
        print((await client.topology()).gateway_version)

asyncio.run(main())
server.shutdown()
server.server_close()
print(sorted(name for name in sys.modules if name.startswith(("camunda_grpc", "grpc", "google"))))
"""
    )
    assert run(("grpc", "google", "grpc_status"), code) == "8.6.0\nNone\n8.6.0\n[]\n"


def test_the_blocking_client_over_rest_needs_nothing_but_requests() -> None:
    code = (
        REST_SERVER
        + """
import bridge

with bridge.Client(rest_address=address) as client:
    print(client.topology().gateway_version)
server.shutdown()
server.server_close()
"""
    )
    assert run(("grpc", "google", *AIOHTTP), code) == "8.6.0\n"


def test_the_wires_of_workers_name_the_library_that_is_missing() -> None:
    code = """
import asyncio
import bridge
from camunda_core.errors import ConfigurationError
from camunda_rest import RestClient

async def main():
    for client in (RestClient("http://127.0.0.1:1"), bridge.Client(rest_address="http://127.0.0.1:1")):
        try:
            client.job_wire()
        except ConfigurationError as error:
            print("camunda-bridge[aio]" in str(error))
        client.close()

asyncio.run(main())
"""
    assert run(("grpc", "google", *AIOHTTP), code) == "True\nTrue\n"


def test_the_wire_of_a_worker_over_rest_works_without_grpc_and_protobuf() -> None:
    code = (
        REST_SERVER
        + """
import asyncio
import bridge
from camunda_core.jobs import ActivatedJob

async def main():
    with bridge.Client(rest_address=address) as client:
        wire = client.job_wire()
        print(await wire.complete(ActivatedJob(job_key="1"), "", timeout=10))
        await wire.close()

asyncio.run(main())
server.shutdown()
server.server_close()
"""
    )
    assert run(("grpc", "google", "grpc_status"), code) == "None\n"


@pytest.mark.parametrize("module", FREE_OF_GRPC)
def test_a_module_of_the_rest_side_is_imported_without_grpc_and_protobuf(module: str) -> None:
    assert run(("grpc", "google", "camunda_grpc"), f"import {module}\nprint('done')\n") == "done\n"


def test_native_grpc_works_without_any_http_library() -> None:
    code = f"""
import asyncio
from concurrent.futures import ThreadPoolExecutor
import grpc
for name in {modules("camunda_grpc")!r}:
    __import__(name)
from camunda_grpc import aio_channel, channel, gateway_pb2, gateway_pb2_grpc

class Gateway(gateway_pb2_grpc.GatewayServicer):
    def Topology(self, request, context):
        return gateway_pb2.TopologyResponse(gatewayVersion="8.6.0")

server = grpc.server(ThreadPoolExecutor(2))
gateway_pb2_grpc.add_GatewayServicer_to_server(Gateway(), server)
address = f"127.0.0.1:{{server.add_insecure_port('127.0.0.1:0')}}"
server.start()
with channel(address) as wire:
    print(gateway_pb2_grpc.GatewayStub(wire).Topology(gateway_pb2.TopologyRequest()).gatewayVersion)

async def main():
    async with aio_channel(address) as wire:
        answer = await gateway_pb2_grpc.GatewayStub(wire).Topology(gateway_pb2.TopologyRequest())
        print(answer.gatewayVersion)

asyncio.run(main())
server.stop(None).wait(10)
print(sorted(name for name in sys.modules if name.startswith(("camunda_rest", "bridge"))))
"""
    assert run((*REQUESTS, *AIOHTTP, "camunda_rest", "bridge"), code) == "8.6.0\n8.6.0\n[]\n"


WITHOUT_GRPCIO = """
import asyncio
import bridge
from camunda_core.errors import NotFound
from camunda_worker import Worker

async def main():
    async with bridge.AsyncClient(grpc_address={address!r}, engine="fast") as client:
        print((await client.topology()).gateway_version)
        try:
            await client.cancel_process_instance(5)
        except NotFound as error:
            print(error.message, [detail.message for detail in error.status_details])
        async for job in client.stream_activated_jobs("pushed"):
            print(job.job_key)
            break
    worker = Worker(bridge.AsyncClient(grpc_address={address!r}, engine="fast"))

    @worker.task("t")
    async def work(job):
        print("worked", job.key)
        worker.stop()

    await asyncio.wait_for(worker.work(), 60)

asyncio.run(main())
print(sorted(name for name in sys.modules if name.partition(".")[0] == "grpc"))
"""


def test_the_fast_engine_needs_no_grpcio() -> None:
    import grpc
    from google.rpc.status_pb2 import Status

    from camunda_grpc import gateway_pb2 as pb
    from tests.fakes.grpc import Abort, Answer, ScriptedGateway, Stall

    gateway = ScriptedGateway()
    try:
        job = pb.ActivatedJob(key=7, type="t", deadline=4_000_000_000_000, retries=3)
        gateway.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
        gateway.script["CancelProcessInstance"] = [
            Abort(grpc.StatusCode.NOT_FOUND, "no such instance", inner=(Status(message="partition 1"),))
        ]
        gateway.script["StreamActivatedJobs"] = [Stall(messages=(job,))]
        gateway.script["ActivateJobs"] = [Answer((pb.ActivateJobsResponse(jobs=[job]),)), Stall()]
        said = run(
            ("grpc", "grpc_status", "google.rpc", *AIOHTTP), WITHOUT_GRPCIO.format(address=gateway.address)
        )
        assert said == "8.6.0\nno such instance ['partition 1']\n7\nworked 7\n[]\n"
        assert gateway.count("CompleteJob") == 1
    finally:
        gateway.release()
        gateway.stop()


def test_without_grpcio_the_default_engine_names_the_extra() -> None:
    code = """
import bridge
from camunda_core.errors import ConfigurationError
import asyncio

async def main():
    try:
        bridge.AsyncClient(grpc_address="127.0.0.1:1")
    except ConfigurationError as error:
        print("camunda-bridge[grpc]" in str(error))

asyncio.run(main())
"""
    assert run(("grpc", "grpc_status"), code) == "True\n"


def test_without_httpunk_the_fast_engine_names_the_extra_and_auto_does_without() -> None:
    code = """
import bridge
from camunda_core.errors import ConfigurationError
import asyncio

async def main():
    try:
        bridge.AsyncClient(grpc_address="127.0.0.1:1", engine="fast")
    except ConfigurationError as error:
        print("camunda-bridge[fast]" in str(error))
    async with bridge.AsyncClient(grpc_address="127.0.0.1:1", engine="auto"):
        print("default")

asyncio.run(main())
"""
    assert run(("httpunk",), code) == "True\ndefault\n"


# What a start does not load

#: What no start of a client or a worker needs, beside what asyncio itself loads: libraries, what takes long in the
#: standard library, and what of ours a call, a refusal or a question asks for.
NEVER = (
    *AIOHTTP,
    *REQUESTS,
    "base64",
    "camunda_core._tls_proxy",
    "camunda_core._token_file",
    "camunda_core._usage",
    "camunda_core.oauth",
    "camunda_core.observing",
    "camunda_rest._client",
    "camunda_rest._commands.instructions",
    "camunda_rest._commands.results",
    "camunda_rest._invocation",
    "camunda_rest._preparing",
    "camunda_rest._search",
    "camunda_rest.api.operations",
    "camunda_rest.api.results",
    "camunda_worker._health",
    "camunda_worker._probe",
    "decimal",
    "email",
    "hashlib",
    "html",
    "http",
    "opentelemetry",
    "pathlib",
    "queue",
    "tempfile",
    "tomllib",
    "urllib.request",
    "uuid",
    "xml",
    "zoneinfo",
)

#: What only an address, or a message, asks for.
OF_A_WIRE = ("camunda_grpc", "google", "grpc", "httpunk", "ipaddress", "urllib.parse")

OPENED = """
import asyncio
from bridge import AsyncClient
from camunda_worker import Worker

async def main():
    client = AsyncClient(grpc_address="http://127.0.0.1:26500", engine={engine!r})
    Worker(client)
    wires = client.job_wire()
    wires.of("work")
    await wires.close()
    await client.aclose()

asyncio.run(main())
"""

STARTS = {
    "bridge": ("import bridge", ("asyncio", "camunda_core", "dataclasses", *NEVER, *OF_A_WIRE)),
    "blocking": ("from bridge import Client", ("asyncio", "camunda_worker", "json", *NEVER, *OF_A_WIRE)),
    "asyncio": ("from bridge import AsyncClient", ("camunda_worker", "json", *NEVER, *OF_A_WIRE)),
    "worker": ("from camunda_worker import Worker", ("bridge", "camunda_rest", *NEVER, *OF_A_WIRE)),
    "both": (
        "from bridge import AsyncClient\nfrom camunda_worker import Worker",
        ("camunda_worker._health", *NEVER, *OF_A_WIRE),
    ),
    "opened": (OPENED.format(engine="fast"), ("camunda_fast", *NEVER)),
    "opened, blocking, REST": (
        "from bridge import Client\nClient(rest_address='http://127.0.0.1:8080')",
        ("camunda_core._usage", "camunda_rest._commands.results", "camunda_rest.api.results", "decimal"),
    ),
}


@pytest.mark.parametrize("start", STARTS)
def test_a_start_does_not_load_what_it_does_not_need(start: str) -> None:
    code, unwanted = STARTS[start]
    # What asyncio stands on, and thus nobody can spare, is for each Python to say.
    given = set(run((), "import asyncio\nprint(*sys.modules)").split())
    given = {name for name in given if not _within(name, ("asyncio",))} if "asyncio" in unwanted else given
    loaded = set(run(("grpc",), f"{code}\nprint(*sys.modules)").split()) - given
    found = {name for name in loaded if _within(name, unwanted)}
    assert found == set()


#: What is matched in calls that succeed, where a pattern that is compiled already is quicker.
OF_CALLS = (
    "bridge/_table/values.py",
    "camunda_fast/_messages.py",
    "camunda_rest/_activated.py",
    "camunda_rest/_commands/arguments.py",
    "camunda_rest/_reading.py",
    "camunda_rest/_request.py",
    "camunda_rest/_writing.py",
)


def _compiled_at_import(file: Path) -> list[int]:
    """The lines in which ``re.compile`` is called outside of a function."""

    def calls(node: ast.AST) -> Iterator[int]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                continue
            if isinstance(child, ast.Call) and ast.unparse(child.func) == "re.compile":
                yield child.lineno
            yield from calls(child)

    return list(calls(ast.parse(file.read_text(encoding="utf-8"))))


def test_what_a_client_or_a_worker_is_made_of_compiles_no_pattern_when_it_is_imported() -> None:
    packages = ("bridge", "camunda_core", "camunda_fast", "camunda_grpc", "camunda_rest", "camunda_worker")
    files = {
        file.relative_to(ROOT).as_posix(): file for name in packages for file in (ROOT / name).rglob("*.py")
    }
    found = {name: lines for name, file in files.items() if (lines := _compiled_at_import(file))}
    assert found.keys() == set(OF_CALLS), "use camunda_core._patterns.pattern"


def test_a_pattern_that_is_compiled_in_a_function_is_not_meant(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(
        "import re\nA = re.compile('a')\ndef late():\n    re.compile('b')\nclass C:\n    d = [re.compile('d')]\n"
    )
    assert _compiled_at_import(file) == [2, 6]


def test_names_that_are_loaded_later_are_shown_and_found() -> None:
    code = """
import camunda_worker
print({"Health", "TaskHealth", "Worker"} <= set(dir(camunda_worker)), "camunda_worker._health" in sys.modules)
from camunda_worker import *
print(Health is camunda_worker.Health, TaskHealth.__module__)
print(hasattr(camunda_worker, "Nothing"))
"""
    assert run((), code) == "True False\nTrue camunda_worker._health\nFalse\n"
