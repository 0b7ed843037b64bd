"""Writes ``bridge/_client/aio_client.py`` from ``bridge/_client/client.py``, so that the twins cannot drift apart.

    python scripts/derive_aio_client.py            write it
    python scripts/derive_aio_client.py --check    exit with 1 when it is not up to date

The methods of the clients say what is called, not how it is waited for (that is in the shells, written by
hand). So all that differs is a word here and there, and this can be a list of words.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BRIDGE = Path(__file__).resolve().parent.parent / "bridge" / "_client"
SOURCE, TARGET = BRIDGE / "client.py", BRIDGE / "aio_client.py"

WORDS = (
    (r'\A"""The client for new code: ', '"""The asyncio client for new code: '),
    (r"    with bridge\.Client\(", "    async with bridge.AsyncClient("),
    (r"^        (client\.\w+|created = client\.\w+)\(", None),
    (r"\bClient\b", "AsyncClient"),
    (r"\bShell\b", "AsyncShell"),
    (r"\bJobStream\b", "AsyncJobStream"),
    (r"\bbridge\._client\.shell\b", "bridge._client.aio_shell"),
    (r"Thread safe; a context manager\.", "For one event loop; an async context manager."),
    (r"needs ``camunda-bridge\[grpc\]``", "needs ``camunda-bridge[grpc]`` (REST: ``camunda-bridge[aio]``)"),
    (r"\bself\._(call|send|deploy|activate)\(", r"await self._\1("),
)
NOTE = "# Derived from client.py by scripts/derive_aio_client.py: change that, then run this.\n"


def derived(source: str) -> str:
    """The asyncio client for the text of the sync one."""
    text = source
    for pattern, replacement in WORDS:
        if replacement is None:
            text = re.sub(pattern, lambda match: _awaited(match.group(1)), text, flags=re.MULTILINE)
        else:
            text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    methods = re.split(r"(?=^    def )", text, flags=re.MULTILINE)
    text = "".join(_coroutine(method) for method in methods)
    head, mark, rest = text.partition("from __future__")
    return _formatted(f"{head}{NOTE}{mark}{rest}")


def _awaited(call: str) -> str:
    target, equals, made = call.rpartition(" = ")
    return f"        {target}{equals}await {made}("


def _coroutine(method: str) -> str:
    return method.replace("    def ", "    async def ", 1) if "await self._" in method else method


def _formatted(text: str) -> str:
    for command in (["check", "--quiet", "--select=I", "--fix"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *command, f"--stdin-filename={TARGET}", "-"]
        text = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main(arguments: list[str]) -> int:
    """Writes, or checks."""
    text = derived(SOURCE.read_text(encoding="utf-8"))
    if "--check" not in arguments:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{TARGET.name} is not up to date: run python scripts/derive_aio_client.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
