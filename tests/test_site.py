"""The site: it builds from what is there, and a warning is an error (an anchor that is gone, a page that nobody reaches)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

from tests.cache import Unavailable
from tests.neighbours.venvs import ROOT, environment

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    try:
        groups = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
        python = environment("{}.{}".format(*sys.version_info), tuple(groups["docs"]))
    except Unavailable as reason:
        pytest.skip(str(reason))
    done = subprocess.run(
        [str(python), "-m", "mkdocs", "build", "--strict", "-d", str(tmp_path / "site")],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert (tmp_path / "site" / "reference" / "models" / "index.html").stat().st_size > 10_000
