"""Writes the sync twin of every asyncio module that differs from it in nothing but how it waits.

    python scripts/derive_sync.py            write them
    python scripts/derive_sync.py --check    exit with 1 when one is not up to date

The asyncio module is written by hand, since awaiting can be taken out of a text but not put in. What the twins wait with
has the same names on both sides (``bridge/_doors/aio_waiting.py`` and ``waiting.py``), so that all that differs is a word
here and there: WORDS is the list of them. A pair of modules is added to FILES. A word that no file needs is an error.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Each folder with what is derived in it: ``name`` from ``aio_name``, ``_name`` from ``_aio_name``, and so are tests.
FILES = {
    "bridge/_client": ("client", "shell"),
    "camunda_rest/_commands": ("client", "sending"),
    "bridge/_doors": ("grpc", "rest", "rest_stream"),
    "tests/unit/bridge/_doors": (
        "test_closing_grpc",
        "test_closing_rest",
        "test_job_streams",
        "test_waiting",
    ),
}

#: What is replaced by what, in this order. Regular expressions; ``^`` is the begin of a line.
WORDS = (
    # sentences
    (r"The asyncio client for new code", "The client for new code"),
    (r"How the asyncio client waits", "How the sync client waits"),
    (r"an async iterator, and an async context manager", "an iterator, and a context manager"),
    (r"It belongs to the event loop that it was opened in\.", "One thread reads, any may close."),
    (r"For one event loop; an async context manager\.", "Thread safe; a context manager."),
    (r"(REST|gRPC) door, asyncio", r"\1 door, sync"),
    (r", awaited; for one event loop\.", ", blocking. Thread safe."),
    (r"``take`` waits; ``cancel`` ends it\.", "``take`` blocks; ``cancel`` may come from any thread."),
    (r"^ +Cancelling a ``take`` does not end the stream: .*\n", ""),
    (r"for one that was cancelled or is ``abandoned``", "for an ``abandoned`` caller"),
    (r"^\n +What came for a caller that was cancelled is given back\.\n +", ""),
    (r", be it another thread or after the loop has gone", ""),
    (r"Ends the stream; True when it was open\.", "Ends the stream, from any thread; True when it was open."),
    (r"its task failed", "its thread failed"),
    (r" \(REST: ``camunda-bridge\[aio\]``\)", ""),
    (r"for every asyncio client", "for every blocking client"),
    # the language
    (r"\basync (def|with|for) ", r"\1 "),
    (r"\bawait call\.read\(\)", "next(call, None)"),
    (r"\bawait asyncio\.to_thread\((\w+), ", r"\1("),
    (r"\bawait ", ""),
    (r"\bCoroutine\[Any, Any, (\w+)\]", r"\1"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"__a(iter|next|enter|exit)__", r"__\1__"),
    (r"\baclose\b", "close"),
    # libraries
    (r"\bgrpc\.aio\.EOF\b", "None"),
    (r"\bgrpc\.aio\b", "grpc"),
    # our names
    (r"\bAsync([A-Z]\w+)", r"\1"),
    (r"\b(_|test_)?aio_(\w+)", r"\1\2"),
    (r"\bnative_aio_channel\b", "calling_channel"),
    (r"\bown_aio_rest_client\b", "rest_client"),
)

_NOTE = "# Derived from {source} by scripts/derive_sync.py: change that file, then run the script.\n"


def source_of(target: Path) -> Path:
    """The asyncio module that a sync one is derived from."""
    return target.with_name(re.sub(r"^(_|test_)?", r"\1aio_", target.name))


def derived(target: Path, unused: set[str]) -> str:
    """The text of a sync module. Takes the words that it needed out of ``unused``."""
    source = source_of(target)
    text = source.read_text(encoding="utf-8")
    for pattern, replacement in WORDS:
        text, times = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        if times:
            unused.discard(pattern)
    return _formatted(_NOTE.format(source=source.name) + text, target)


def _formatted(text: str, target: Path) -> str:
    # F401: what only the asyncio text needs is imported no more.
    for command in (["check", "--quiet", "--select=I,F401", "--fix"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *command, f"--stdin-filename={target}", "-"]
        text = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return text


def main(arguments: list[str]) -> int:
    """Writes, or checks."""
    unused = {pattern for pattern, _ in WORDS}
    stale = []
    for folder, names in FILES.items():
        for name in names:
            target = ROOT / folder / f"{name}.py"
            text = derived(target, unused)
            if "--check" not in arguments:
                target.write_text(text, encoding="utf-8")
            elif not target.is_file() or target.read_text(encoding="utf-8") != text:
                stale.append(
                    f"{target.relative_to(ROOT)} is not up to date: run python scripts/derive_sync.py"
                )
    problems = stale + [
        f"no file needs the word {pattern!r}: take it out of WORDS" for pattern in sorted(unused)
    ]
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
