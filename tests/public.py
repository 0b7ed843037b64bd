"""The list of the public API, as docs/reference/index.md gives it."""

from __future__ import annotations

import re
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"

#: Packages that export what is public, and nothing else.
FRONTS = (
    "bridge",
    "bridge.models",
    "camunda_cli",
    "camunda_core.otel",
    "camunda_embedded",
    "camunda_embedded.pytest_plugin",
    "camunda_embedded.testing",
    "camunda_grpc",
    "camunda_proxy",
    "camunda_rest",
    "camunda_worker",
    "camunda_worker.otel",
)

#: Modules that are public, with the names that our packages share through them and that are private all the same.
SHARED: dict[str, frozenset[str]] = {
    "camunda_core.config": frozenset({"grpc_target", "rest_base"}),
    "camunda_core.credentials": frozenset(),
    "camunda_core.deadline": frozenset(
        {"Deadline", "limit_of", "milliseconds", "seconds", "setting", "time_to_wait"}
    ),
    "camunda_core.errors": frozenset({"MissingExtra", "code_of_status", "is_unknown_partition"}),
    "camunda_core.jobs": frozenset({"UnreadableJob", "give_back"}),
    "camunda_core.oauth": frozenset(),
    "camunda_core.observing": frozenset({"is_name", "may_be_added", "observers_of", "type_of"}),
    "camunda_core.retry": frozenset({"Attempts", "Pace", "is_retryable"}),
    "camunda_core.tls": frozenset({"way_out"}),
    "camunda_core.version": frozenset(),
}


def public() -> list[str]:
    """Every public name, with its module: the first column of the tables."""
    return re.findall(
        r"^\| `([\w.]+)` \|", (REFERENCE / "index.md").read_text(encoding="utf-8"), re.MULTILINE
    )


def directives() -> list[str]:
    """Every name that a page of the reference shows the docstring of."""
    pages = (page.read_text(encoding="utf-8") for page in sorted(REFERENCE.glob("*.md")))
    return [name for page in pages for name in re.findall(r"^::: ([\w.]+)$", page, re.MULTILINE)]
