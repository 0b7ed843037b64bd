"""Finds what selectors mean, and waits until it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from camunda_embedded.testing._report import report
from camunda_embedded.testing._source import Source
from camunda_embedded.testing._waiting import hold

__all__ = ["Finder", "worded"]

#: Jobs that can be answered.
_OPEN = frozenset(
    ["CREATED", "FAILED", "MIGRATED", "PRIORITY_UPDATED", "RETRIES_UPDATED", "TIMEOUT_UPDATED", "TIMED_OUT"]
)


def worded(selector: dict[str, str]) -> str:
    """A selector in words."""
    return ", ".join(f"{name} {value!r}" for name, value in selector.items())


class Finder:
    """Searches of a client; a selector means the first that fits."""

    def __init__(self, client: Any, source: Source) -> None:
        self._client, self._source = client, source
        #: Of each process the first instance that the case has created.
        self.created: dict[str, str] = {}

    def wait(self, problem: Callable[[], tuple[str | None, str]]) -> None:
        """Waits until ``problem()`` names none; AssertionError with it, and with what the instance of that key did."""
        __tracebackhide__ = True
        about = ""

        def found() -> str | None:
            nonlocal about
            text, about = problem()
            return text

        text = hold(self._source, found, self._source.patience, None)
        if text is not None:
            facts = self._source.instance(about) if about else None
            told = [report(facts)] if facts is not None else [self._all()] if not about else []
            raise AssertionError("\n".join([text, *filter(None, told)]))

    def _all(self) -> str:
        """What the instances of the case did, where it is not known which one is meant."""
        found = [self._source.instance(key) for key in self.created.values()]
        return "\n".join(report(each) for each in found if each is not None)

    def first(self, what: str, search: Callable[[], Iterable[Any]], key: str) -> Any:
        """The first that a search finds, by its key."""
        __tracebackhide__ = True
        found: list[Any] = []

        def problem() -> tuple[str | None, str]:
            found[:] = sorted(search(), key=lambda each: int(getattr(each, key)))
            return (None if found else f"there is no {what}"), ""

        self.wait(problem)
        return found[0]

    def instance(self, selector: dict[str, str]) -> str:
        """The key of a process instance: the first that the case created, else the first of all."""
        __tracebackhide__ = True
        process = selector["processDefinitionId"]
        if process in self.created:
            return self.created[process]
        found = self.first(
            f"process instance with {worded(selector)}",
            lambda: self._client.search_process_instances(process_definition_id=process),
            "process_instance_key",
        )
        return str(found.process_instance_key)

    def element(self, instance: str, element_id: str) -> str:
        """The key of the first active run of an element."""
        __tracebackhide__ = True
        found = self.first(
            f"active element {element_id} in process instance {instance}",
            lambda: self._client.search_element_instances(
                process_instance_key=instance, element_id=element_id, state="ACTIVE"
            ),
            "element_instance_key",
        )
        return str(found.element_instance_key)

    def job(self, selector: dict[str, str]) -> Any:
        """The first job that can be answered."""
        __tracebackhide__ = True
        wanted = _renamed(selector, jobType="type")
        return self.first(
            f"open job with {worded(selector)}",
            lambda: [
                job for job in self._client.search_jobs(**wanted) if job.state in _OPEN and job.retries > 0
            ],
            "job_key",
        )

    def tasks(self, selector: dict[str, str]) -> list[Any]:
        """All user tasks that fit, the first one first."""
        wanted = _renamed(selector, taskName="name")
        return sorted(self._client.search_user_tasks(**wanted), key=lambda task: int(task.user_task_key))

    def task(self, selector: dict[str, str]) -> Any:
        """The first user task that can be completed."""
        __tracebackhide__ = True
        return self.first(
            f"open user task with {worded(selector)}",
            lambda: [task for task in self.tasks(selector) if task.state == "CREATED"],
            "user_task_key",
        )

    def incident(self, selector: dict[str, str]) -> Any:
        """The first incident that is not resolved."""
        __tracebackhide__ = True
        wanted = _renamed(selector)
        return self.first(
            f"active incident with {worded(selector)}",
            lambda: self._client.search_incidents(state="ACTIVE", **wanted),
            "incident_key",
        )


def _renamed(selector: dict[str, str], **names: str) -> dict[str, str]:
    """A selector as the filter of a search."""
    known = {"elementId": "element_id", "processDefinitionId": "process_definition_id", **names}
    return {known[name]: value for name, value in selector.items()}
