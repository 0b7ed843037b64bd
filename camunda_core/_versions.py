"""What a report says of the versions it was made with."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from importlib import metadata

from camunda_core.version import VERSION

__all__ = ["versions"]


def versions(packages: Iterable[str]) -> list[tuple[str, str]]:
    """Names and versions: this distribution, Python, and ``packages``."""
    rows = [
        ("camunda-bridge", VERSION),
        ("Python", f"{platform.python_version()} ({sys.platform}, {platform.machine()})"),
    ]
    for package in packages:
        try:
            rows.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            rows.append((package, "not installed"))
    return rows
