"""Virtual environments for other Pythons and other versions of the libraries, made once and kept in the cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests import cache
from tests.cache import Unavailable

ROOT = Path(__file__).resolve().parents[2]
_INSTALL_SECONDS = 300.0


def find_python(version: str) -> str:
    """A Python of that version; Unavailable when there is none."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    name = f"python{version}"
    candidates = [
        shutil.which(name),
        *map(str, sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/{name}"))),
    ]
    for candidate in filter(None, candidates):
        try:
            seen = subprocess.run(
                [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                capture_output=True,
                text=True,
                timeout=30,
            ).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            continue
        if seen == version:
            return candidate
    raise Unavailable(f"no Python {version} is installed here")


def environment(python: str, requirements: tuple[str, ...]) -> Path:
    """The interpreter of an environment with exactly these requirements (and what they need)."""
    base = find_python(python)
    digest = hashlib.sha256("\n".join((base, *requirements)).encode()).hexdigest()[:16]

    def prepare(room: Path) -> None:
        subprocess.run([base, "-m", "venv", str(room)], check=True, timeout=120)
        pip = [str(room / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, "--only-binary", ":all:", *requirements],
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
        )
        if done.returncode:
            raise Unavailable(
                f"pip could not install {' '.join(requirements)} for {python}: {done.stderr[-500:]}"
            )

    return cache.once(f"environment-{python}-{digest}", prepare) / "bin" / "python"


def run(interpreter: Path, *arguments: str, seconds: float = 90.0) -> str:
    """Runs a program of this repository in an environment and returns what it printed; fails with its output."""
    keep = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CAMUNDA_", "ZEEBE_", "PYTHON"))
    }
    done = subprocess.run(
        [str(interpreter), "-W", "error::DeprecationWarning:camunda_.*", *arguments],
        cwd=ROOT,
        env={**keep, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
