"""Writes ``constraints/oldest.txt`` and ``newest.txt`` from the bounds in pyproject.toml: ``make constraints``.

The oldest has the lowest release of each direct dependency that its bound allows, for Python 3.10; the
newest has what the registry has today, for every supported Python.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_HEAD = "# Written by `make constraints`.\n"
_RESOLUTIONS = {"oldest": ["--resolution", "lowest-direct"], "newest": ["--universal"]}


def main() -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    for name, how in _RESOLUTIONS.items():
        target = ROOT / "constraints" / f"{name}.txt"
        wanted = ["pyproject.toml", "--all-extras", "--group", "bounds", "--python-version", "3.10"]
        found = subprocess.run(
            [uv, "pip", "compile", "-q", *wanted, *how, "--no-annotate", "--no-header"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
        )
        target.write_text(_HEAD + found.stdout)


if __name__ == "__main__":
    main()
