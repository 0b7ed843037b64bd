"""The whole REST API: what a client, a class and an answer cost, beside the official SDK and the bare libraries."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.gateway import Addresses
from benchmarks.imports import in_processes
from benchmarks.measure import Contender, Effort, Goal, Table, compare, repeated
from benchmarks.peers import Absent, interpreter, official_sdk
from benchmarks.rest_api_server import TASKS, page

__all__ = ["rest_api"]

_SERVER = Path(__file__).with_name("rest_api_server.py")
_DOCUMENT = 100 << 20  # bytes
_PAGE = 1000

_CLIENT = "import bridge; bridge.Client"
_USER_TASK = f"{_CLIENT}; from camunda_rest._reading import reader_of; reader_of('UserTask')({{}})"
_INSTANCE = f"{_CLIENT}; from camunda_rest._reading import reader_of; reader_of('ProcessInstance')({{}})"


def rest_api(addresses: Addresses, effort: Effort) -> list[Table]:
    """First uses, decoding, a search of 10,000 items, and documents both ways."""
    few = replace(effort, blocks=1)
    with _server() as address:
        return [_first_uses(few), _decoding(effort), _searching(address, few), *_documents(address, few)]


@contextmanager
def _server() -> Iterator[str]:
    with subprocess.Popen([sys.executable, str(_SERVER)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def _first_uses(effort: Effort) -> Table:
    """Each in a fresh process; nothing is connected to."""
    table = Table("First use of the REST API", "ms a process", (_CLIENT,))
    with tempfile.TemporaryDirectory() as compiled:
        contenders = [
            Contender(what, in_processes(what, compiled), block=1)
            for what in ("pass", _CLIENT, _USER_TASK, _INSTANCE)
        ]
        try:
            theirs = "import camunda_orchestration_sdk"
            contenders.append(Contender(theirs, in_processes(theirs, compiled, str(interpreter())), block=1))
        except Absent as absent:
            table.missing["official SDK"] = str(absent)
        for contender in contenders:
            contender.run(1)
        return compare(table, contenders, effort)


def _decoding(effort: Effort) -> Table:
    from camunda_rest._reading import reader_of
    from camunda_rest._search import read_page

    text, read = page(0, _PAGE).decode(), reader_of("UserTask")
    bare, ours = "json.loads", "our reader, json.loads included"
    table = Table("Decoding a user task", "µs a task", (bare,), [Goal("R1", ours, bare, 1.5)])
    contenders = [
        Contender(bare, repeated(lambda: json.loads(text)), block=20, units=_PAGE),
        Contender(ours, repeated(lambda: read_page(json.loads(text), read)), block=20, units=_PAGE),
    ]
    try:
        with official_sdk("http://localhost") as sdk:
            contenders.append(sdk.contender("decode-user-tasks", block=2, units=_PAGE))
            return compare(table, contenders, effort)
    except Absent as absent:
        table.missing["official SDK"] = str(absent)
        return compare(table, contenders, effort)


def _searching(address: str, effort: Effort) -> Table:
    import requests

    from camunda_rest import RestClient

    session = requests.Session()

    def by_hand() -> int:
        count, place = 0, {"limit": _PAGE}
        while items := (
            found := session.post(f"{address}/v2/user-tasks/search", json={"page": place}).json()
        )["items"]:
            count += len(items)
            place = {"limit": _PAGE, "after": found["page"]["endCursor"]}
            if count >= found["page"]["totalItems"]:
                break
        return count

    bare, ours = "requests and json by hand", "RestClient"
    table = Table(
        "A search of 10,000 user tasks", "µs a task", (bare, "official SDK"), [Goal("R2", ours, bare, 1.65)]
    )
    with session, RestClient(address) as client:

        def search() -> int:
            return sum(1 for _ in client.search_user_tasks(page_size=_PAGE))

        assert by_hand() == search() == TASKS
        contenders = [
            Contender(bare, repeated(by_hand), block=1, units=TASKS),
            Contender(ours, repeated(search), block=1, units=TASKS),
        ]
        try:
            with official_sdk(address) as sdk:
                contenders.append(sdk.contender("search-user-tasks", block=1, units=TASKS))
                return compare(table, contenders, effort)
        except Absent as absent:
            table.missing["official SDK"] = str(absent)
            return compare(table, contenders, effort)


def _documents(address: str, effort: Effort) -> Iterator[Table]:
    import requests

    from camunda_rest import RestClient

    content = os.urandom(_DOCUMENT)

    def timed(operation: Callable[[], object]) -> Callable[[int], float]:
        def run(count: int) -> float:
            began = time.process_time()
            for _ in range(count):
                operation()
            return time.process_time() - began

        return run

    with requests.Session() as session, RestClient(address) as client:
        url = f"{address}/v2/documents"

        def down_by_hand() -> None:
            with session.get(f"{url}/{_DOCUMENT}", stream=True) as answer:
                for chunk in answer.iter_content(1 << 18):
                    sink.write(chunk)
                sink.seek(0)

        def down() -> None:
            client.get_document(str(_DOCUMENT)).save(sink)
            sink.seek(0)

        sink = io.BytesIO(bytes(_DOCUMENT))
        by_hand = "requests by hand"
        yield compare(
            Table("A document of 100 MB up", "ms a document", (by_hand,)),
            [
                Contender(by_hand, timed(lambda: session.post(url, files={"file": content})), block=1),
                Contender("RestClient", timed(lambda: client.create_document(content)), block=1),
            ],
            effort,
        )
        yield compare(
            Table("A document of 100 MB down", "ms a document", (by_hand,)),
            [
                Contender(by_hand, timed(down_by_hand), block=1),
                Contender("RestClient", timed(down), block=1),
            ],
            effort,
        )
