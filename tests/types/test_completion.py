"""What an editor offers inside a call: the names of the arguments, asked of pyright over its language server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

CODE = """import bridge


def use(client: bridge.Client) -> None:
    client.search_user_tasks()
"""


class Server:
    """A language server on its pipes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def send(self, method: str, params: Any, number: int | None = None) -> None:
        self._write({"method": method, "params": params, **({} if number is None else {"id": number})})

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def answer(self, number: int) -> Any:
        """The answer to a request; what the server asks meanwhile is answered with nothing."""
        for _ in range(1000):
            message = self._read()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            if "method" in message and "id" in message:
                wanted = [{}] * len((message.get("params") or {}).get("items", ()))
                asked = message["method"] == "workspace/configuration"
                self._write({"id": message["id"], "result": wanted if asked else None})
        raise AssertionError("the server does not answer")

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server has ended"
        found: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return found


def test_the_arguments_of_a_search_are_offered_inside_its_call(tmp_path: Path) -> None:
    file = tmp_path / "use.py"
    file.write_text(CODE, encoding="utf-8")
    settings = {"pythonPath": sys.executable, "analysis": {"extraPaths": [str(ROOT)]}}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(ROOT)]}), encoding="utf-8")
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    command = [sys.executable, "-m", "pyright.langserver", "--stdio"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        late = threading.Timer(120, process.kill)
        late.start()
        try:
            server = Server(process)
            root = {"uri": tmp_path.as_uri(), "name": "use"}
            server.send(
                "initialize",
                {
                    "processId": os.getpid(),
                    "rootUri": root["uri"],
                    "workspaceFolders": [root],
                    "capabilities": {},
                },
                1,
            )
            server.answer(1)
            server.send("initialized", {})
            server.send("workspace/didChangeConfiguration", {"settings": {"python": settings}})
            opened = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": CODE}
            server.send("textDocument/didOpen", {"textDocument": opened})
            place = {"line": 4, "character": len("    client.search_user_tasks(")}
            server.send(
                "textDocument/completion", {"textDocument": {"uri": file.as_uri()}, "position": place}, 2
            )
            offered = server.answer(2)
        finally:
            late.cancel()
            process.kill()
    labels = {each["label"] for each in (offered["items"] if isinstance(offered, dict) else offered)}
    assert {"state=", "assignee=", "priority=", "due_date=", "sort=", "limit=", "wait=", "until="} <= labels
    assert "stat=" not in labels
