"""The official SDK as a contender: in an environment of its own in the cache, made when it is first wanted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Contender

__all__ = ["SDK", "Absent", "OfficialSdk", "interpreter", "official_sdk"]

SDK = "camunda-orchestration-sdk==10.0.1"
_INSTALL_SECONDS = 150
_SCRIPT = Path(__file__).with_name("official_sdk.py")


class Absent(Exception):
    """A peer cannot be measured here; the text is the reason."""


class OfficialSdk:
    """The SDK in its own process, on the core that this one has."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def contender(self, what: str, *, block: int = 40, units: int = 1, step: int = 1) -> Contender:
        """``what`` is one of the words of ``official_sdk.py``."""
        return Contender("official SDK", self._runner(what), block, units, step)

    def _runner(self, what: str) -> Callable[[int], float]:
        wire_in, wire_out = self._process.stdin, self._process.stdout
        assert wire_in is not None
        assert wire_out is not None

        def run(count: int) -> float:
            wire_in.write(f"{what} {count}\n")
            wire_in.flush()
            answer = wire_out.readline()
            if not answer:
                raise RuntimeError(f"the official SDK failed at {what}: see above")
            return float(answer)

        return run


@contextmanager
def official_sdk(address: str) -> Iterator[OfficialSdk]:
    """The SDK, to make calls to ``address``. Raises Absent when it is not there and cannot be installed."""
    command = [str(interpreter()), "-I", "-W", "ignore", str(_SCRIPT), address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        try:
            yield OfficialSdk(process)
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def interpreter() -> Path:
    """The Python that has the SDK. Raises Absent where it cannot be had."""
    configured = os.environ.get("CAMUNDA_BRIDGE_CACHE")
    cache = Path(configured).expanduser() if configured else Path.home() / ".cache" / "camunda-bridge"
    version = ".".join(map(str, sys.version_info[:2]))
    place = cache.resolve() / f"benchmark-{version}-{SDK.replace('==', '-')}"
    python = place / "bin" / "python"
    if place.is_dir():
        return python
    cache.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=cache))
    print(f"installing {SDK} into {place} ...", file=sys.stderr, flush=True)
    try:
        venv.create(room, with_pip=True)
        command = [str(room / "bin" / "python"), "-m", "pip", "install", "-q", SDK]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
        if done.returncode:
            raise Absent(
                f"{SDK} cannot be installed ({(done.stderr.strip() or 'pip failed').splitlines()[-1]})"
            )
        room.rename(
            place
        )  # complete or not at all; an environment is used through its interpreter, so it may move
    except (OSError, subprocess.SubprocessError) as error:
        raise Absent(f"{SDK} cannot be installed ({error})") from None
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return python
