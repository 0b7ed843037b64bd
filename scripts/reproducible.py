"""Builds the distributions again, elsewhere and later, and compares: ``python scripts/reproducible.py dist/*``.

``SOURCE_DATE_EPOCH`` has to be what the first build had. The files are copied to another folder with
other times, and built there under another time zone and umask. A byte that differs is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Seconds since the epoch that every copied file is dated by.
_ANOTHER_TIME = 1_000_000_000


def copied(room: Path) -> Path:
    """All that git would commit, in a folder below ``room``."""
    target = room / "a folder of another name"
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source, copy = ROOT / name, target / name
        if not source.is_file() or name.startswith("tests/data/"):  # these are in no distribution
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        os.utime(copy, (_ANOTHER_TIME, _ANOTHER_TIME))
    shutil.copyfile(ROOT / ".gitignore", target / ".gitignore")
    return target


def built(source: Path, target: Path) -> dict[str, bytes]:
    """The distributions of a source tree, by name."""
    before = os.umask(0o077)
    try:
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-d", str(target)],
            cwd=source,
            check=True,
            capture_output=True,
            env={**os.environ, "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "7"},
            timeout=300,
        )
    finally:
        os.umask(before)
    return {path.name: path.read_bytes() for path in target.iterdir()}


def main(names: Sequence[str]) -> int:
    if not os.environ.get("SOURCE_DATE_EPOCH", "").isdigit():
        sys.stdout.write("SOURCE_DATE_EPOCH must be that of the first build, in seconds\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="reproducible-") as room:
        again = built(copied(Path(room)), Path(room, "dist"))
    differing = [name for name in names if again.get(Path(name).name) != Path(name).read_bytes()]
    for name in differing:
        sys.stdout.write(f"{name}: another build of the same source has other bytes\n")
    return 1 if differing or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
