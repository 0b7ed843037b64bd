"""The part of the pytest plugin that counts and writes the report; it is only registered when a report was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from camunda_embedded._coverage.counts import Collector
from camunda_embedded._coverage.page import covered, page, percent
from camunda_embedded._watching import watch

__all__ = ["CoveragePlugin"]

_TOLD = "camunda_bpmn_coverage"


class CoveragePlugin:
    """Hooks of pytest. In a run that is distributed by pytest-xdist the workers tell what they counted at their end."""

    def __init__(self, path: str, config: Any) -> None:
        self._path = Path(path)
        self._config = config
        self._collector = Collector()
        self._end = watch(self._collector.opened, self._collector.closing)

    def pytest_runtest_logfinish(self) -> None:
        """After each test: of long logs only the newest records are kept."""
        self._collector.count_all()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of a distributed run has ended."""
        self._collector.add_json(getattr(node, "workeroutput", {}).get(_TOLD, ()))

    def pytest_sessionfinish(self) -> None:
        """Writes the report, or tells it to the process that does."""
        self._collector.count_all()
        told = getattr(self._config, "workeroutput", None)
        if told is not None:
            told[_TOLD] = self._collector.to_json()
        else:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(page(covered(self._collector.played.values())), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Says the total."""
        found = covered(self._collector.played.values())
        run, total = sum(c.run for c in found), sum(c.total for c in found)
        terminalreporter.write_line(
            f"BPMN coverage: {percent(run, total)} ({run} of {total} elements and flows), see {self._path}"
        )

    def pytest_unconfigure(self) -> None:
        """Counts no more."""
        self._end()
