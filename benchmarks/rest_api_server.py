"""Serves user tasks page by page, and documents, without doing any work: what is measured is the client. Stands alone.

Run as a process of its own; it prints its port.
"""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TASKS = 10_000
_PIECE = bytes(1 << 18)


def task(number: int) -> dict[str, Any]:
    """A user task with every field that clusters of 8.10 answer."""
    return {
        "name": f"Check order {number}",
        "state": "CREATED",
        "assignee": "ann" if number % 2 else None,
        "elementId": "check",
        "candidateGroups": ["sales", "support"],
        "candidateUsers": [],
        "processDefinitionId": "order",
        "creationDate": "2026-01-31T12:00:00.123Z",
        "completionDate": None,
        "followUpDate": None,
        "dueDate": "2026-02-28T12:00:00.000Z",
        "tenantId": "<default>",
        "externalFormReference": None,
        "processDefinitionVersion": 3,
        "customHeaders": {"team": "a"},
        "priority": 50,
        "userTaskKey": str(2251799813685249 + number),
        "elementInstanceKey": str(2251799813785249 + number),
        "processName": "Order",
        "processDefinitionKey": "2251799813685248",
        "processInstanceKey": str(2251799813885249 + number),
        "rootProcessInstanceKey": str(2251799813885249 + number),
        "formKey": "2251799813685247",
        "tags": ["vip"],
        "businessId": f"order-{number}",
    }


def page(start: int, size: int) -> bytes:
    """A page of tasks."""
    items = [task(number) for number in range(start, min(start + size, TASKS))]
    about = {
        "totalItems": TASKS,
        "hasMoreTotalItems": False,
        "startCursor": f"{start:08}",
        "endCursor": f"{start + len(items):08}",
    }
    return json.dumps({"items": items, "page": about}).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers from memory."""

    protocol_version = "HTTP/1.1"
    pages: dict[tuple[int, int], bytes] = {}  # noqa: RUF012

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        if self.path.startswith("/v2/documents"):
            while length > 0:
                length -= len(self.rfile.read(min(length, 1 << 18)))
            self._answer(b'{"documentId": "d", "storeId": "s"}', 201)
            return
        asked = json.loads(self.rfile.read(length) or b"{}").get("page") or {}
        place = int(asked.get("after") or 0), int(asked.get("limit") or 100)
        if place not in self.pages:
            self.pages[place] = page(*place)
        self._answer(self.pages[place])

    def do_GET(self) -> None:
        size = int((re.search(r"\d+", self.path.rpartition("/")[2]) or [0])[0])
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream")
        self.send_header("content-length", str(size))
        self.end_headers()
        for _ in range(size // len(_PIECE)):
            self.wfile.write(_PIECE)

    def _answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()
