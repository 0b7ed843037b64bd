"""The tests that meet our dependencies, with the oldest or the newest of these: ``python scripts/test_bounds.py oldest|newest``.

It makes a virtual environment in ``.venvs`` from ``constraints/oldest.txt`` or ``newest.txt``: the oldest
with the oldest Python that there is here, since old releases have no wheels for new ones, the newest with
the newest. More arguments go to pytest.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from smoke import interpreters, version

ROOT = Path(__file__).resolve().parents[1]
#: Where requests, urllib3, aiohttp, grpcio, protobuf, PyJWT, cryptography, regex, OpenTelemetry and what
#: reads settings are called; the rest is our own code on top of it.
TESTS = (
    "tests/unit/camunda_core",
    "tests/unit/camunda_grpc",
    "tests/unit/camunda_rest",
    "tests/unit/camunda_embedded/_feel",
    "tests/cli",
    "tests/faults",
    "tests/worker/test_scripted_gateway.py",
)
#: What the tests expect of a dependency and its oldest release does not do, or of a tool that is not
#: installed here. The rest must hold.
LEFT_OUT = {
    "oldest": {
        "aiohttp 3.9.5 words too long a header otherwise, and counts no headers": (
            "tests/faults/test_rest_faults.py::test_a_failure_becomes_its_error_after_as_many_attempts_as_the_operation_allows"
            "[asyncio-step-Unavailable-3-None2]",
            "tests/faults/test_rest_faults.py::test_a_failure_becomes_its_error_after_as_many_attempts_as_the_operation_allows"
            "[asyncio-step-Aborted-None-1_2]",
            "tests/faults/test_rest_faults.py::test_a_failure_becomes_its_error_after_as_many_attempts_as_the_operation_allows"
            "[asyncio-step-Aborted-None-1_3]",
        ),
    },
}
#: It formats what it compares, by ruff.
_NEEDS_RUFF = "tests/unit/camunda_rest/api/test_complete.py::test_what_is_generated_is_fresh"
#: In Python 3.10, asyncio leaves transports of TLS to the collector, which complains.
_OF_OLD_PYTHON = ("-W", "ignore::pytest.PytestUnraisableExceptionWarning")
EXTRAS = "all,cli,config,crypto,embedded,fast,otel,proxy,scan,socks"
#: Of these Pythons, grpcio and aiohttp have wheels of the oldest releases.
_WITH_OLD_WHEELS = (3, 10), (3, 12)
_MOST_SECONDS = 1800


def python_for(which: str) -> tuple[tuple[int, int], str]:
    """The version and path of the Python that fits best here. Exits where there is none."""
    here = {number: path for path in filter(None, interpreters()) if (number := version(path)) is not None}
    low, high = _WITH_OLD_WHEELS if which == "oldest" else ((3, 10), (3, 14))
    fitting = sorted(number for number in here if low <= number <= high)
    if not fitting:
        sys.exit(f"no Python from {low[0]}.{low[1]} to {high[0]}.{high[1]} is here")
    number = fitting[0] if which == "oldest" else fitting[-1]
    return number, here[number]


def main(arguments: Sequence[str]) -> int:
    which, *more = arguments or [""]
    if which not in ("oldest", "newest"):
        sys.exit(__doc__)
    number, python = python_for(which)
    constraints = ROOT / "constraints" / f"{which}.txt"
    room = ROOT / ".venvs" / f"{which}-{number[0]}.{number[1]}"
    inside = str(room / "bin" / "python")
    ready = room / ".ready"
    wanted = EXTRAS + constraints.read_text() + (ROOT / "pyproject.toml").read_text()
    if not ready.exists() or ready.read_text() != wanted:
        subprocess.run([python, "-m", "venv", "--clear", str(room)], check=True)
        pip = [inside, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True)
        own = ["-e", f"{ROOT}[{EXTRAS}]", "--group", f"{ROOT / 'pyproject.toml'}:bounds"]
        subprocess.run([*pip, *own, "-c", str(constraints)], check=True)
        ready.write_text(wanted)
    sys.stdout.write(f"the {which} dependencies on Python {number[0]}.{number[1]}\n")
    sys.stdout.flush()
    skipped = [_NEEDS_RUFF, *(name for names in LEFT_OUT.get(which, {}).values() for name in names)]
    for reason, names in LEFT_OUT.get(which, {}).items():
        sys.stdout.write(f"{len(names)} tests are left out: {reason}\n")
    tests = [inside, "-m", "pytest", "-q", "-n", "2", "-m", "not long", *(more or TESTS)]
    tests += [word for name in skipped for word in ("--deselect", name)]
    tests += _OF_OLD_PYTHON if number < (3, 11) else ()
    return subprocess.run(tests, cwd=ROOT, timeout=_MOST_SECONDS).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
