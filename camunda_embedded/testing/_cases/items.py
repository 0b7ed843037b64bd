"""Test cases as items of pytest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from camunda_core.errors import InvalidRequest
from camunda_embedded.testing._cases.reading import Case, read_cases
from camunda_embedded.testing._cases.running import CaseRunner

__all__ = ["CaseFile", "resources_beside"]

#: What is deployed before a case.
_RESOURCES = (".bpmn", ".dmn", ".form")


def resources_beside(file: Path) -> list[Path]:
    """Processes, decisions and forms in the folder of a file; where it has none, in the one above."""
    for folder in (file.parent, file.parent.parent):
        found = sorted(each for each in folder.iterdir() if each.suffix in _RESOURCES and each.is_file())
        if found:
            return found
    return []


class CaseFile(pytest.File):
    """A file of test cases."""

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each case; cases of one name are told apart by their place."""
        try:
            cases = read_cases(self.path)
        except InvalidRequest as error:
            raise self.CollectError(str(error)) from error
        names: dict[str, int] = {}
        for case in cases:
            names[case.name] = names.get(case.name, 0) + 1
        for case in cases:
            name = case.name if names[case.name] == 1 else f"{case.name} ({case.place})"
            yield CaseItem.from_parent(self, name=name, case=case)


class CaseItem(pytest.Function):
    """One test case; what it needs comes from fixtures."""

    def __init__(self, *, name: str, parent: Any, case: Case) -> None:
        super().__init__(name=name, parent=parent, callobj=_running(case))
        self.case = case

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, 0, self.name


def _running(case: Case) -> Callable[..., None]:
    def run(camunda_case_runner: CaseRunner, camunda_case_resources: Any) -> None:
        __tracebackhide__ = True
        if not case.problems:
            files = camunda_case_resources(case.file)
            if files:
                camunda_case_runner._client.deploy_resource(*files)
        camunda_case_runner.run(case)

    return run
