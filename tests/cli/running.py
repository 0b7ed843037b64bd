"""Runs the command line in this process: captured, in a pipe, or on a terminal of a width."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import pty
import struct
import termios
import threading
from dataclasses import dataclass
from typing import Any

from camunda_cli import main


@dataclass(frozen=True)
class Ran:
    """What a command line left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result of ``--json``."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Results that came one by one as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


def piped(*arguments: str) -> Ran:
    """Without a terminal."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return Ran(code, out.getvalue(), err.getvalue())


def on_terminal(width: int, *arguments: str) -> Ran:
    """On a terminal that is so many columns wide, which both streams go to."""
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    read: list[bytes] = []

    def drain() -> None:
        with contextlib.suppress(OSError):  # how a terminal says that nobody writes any more
            while part := os.read(reader, 65536):
                read.append(part)

    draining = threading.Thread(target=drain, daemon=True)
    draining.start()
    with (
        open(writer, "w", encoding="utf-8") as terminal,
        contextlib.redirect_stdout(terminal),
        contextlib.redirect_stderr(terminal),
    ):
        code = main(arguments)
    draining.join(10)
    os.close(reader)
    return Ran(code, b"".join(read).decode("utf-8").replace("\r\n", "\n"), "")
