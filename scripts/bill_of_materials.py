"""Writes the bill of materials of a release (CycloneDX, JSON): ``python scripts/bill_of_materials.py WHEEL``.

It lies beside the wheel and lists what ``constraints/newest.txt`` names, with which the release was
tested: the library itself brings nothing along.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: What the tests need and no user gets.
_TESTS_ONLY = re.compile(
    r"(pytest|hypothesis|execnet|iniconfig|pluggy|pyyaml|sortedcontainers|pygments|opentelemetry-sdk)\b"
)


def main(wheel: Path) -> Path:
    """Gives the file that was written: made twice of the same, it has the same bytes."""
    lines = (ROOT / "constraints" / "newest.txt").read_text().splitlines(keepends=True)
    target = wheel.with_name(f"{'-'.join(wheel.name.split('-')[:2])}.cdx.json")
    with tempfile.TemporaryDirectory() as room:
        listed = Path(room, "requirements.txt")
        listed.write_text("".join(line for line in lines if not _TESTS_ONLY.match(line)))
        command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(listed)]
        command += ["--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "library"]
        command += ["--output-reproducible", "--of", "JSON", "-o", str(target)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    found = json.loads(target.read_text())
    found["metadata"]["component"]["version"] = wheel.name.split("-")[1]
    # The path of the list is one of this machine, and says nothing.
    for component in found.get("components", []):
        component.pop("description", None)
    target.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1])).name}\n")
