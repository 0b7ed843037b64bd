"""Assertions of user tasks and of decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from camunda_embedded.testing._facts import DecisionFacts, InstanceFacts, UserTaskFacts

__all__ = ["DecisionAssert", "UserTaskAssert"]


class Checks(Protocol):
    """What checks something of an instance, and waits for it."""

    def __call__(self, problem: Callable[[InstanceFacts], str | None]) -> None: ...


class UserTaskAssert:
    """Assertions of the newest user task of an element; from ``assert_that(instance).user_task("approve")``.

    Each returns the assert itself, and raises AssertionError when it does not hold. Tasks that are jobs, without
    ``zeebe:userTask``, are no user tasks here: for them there is ``is_waiting_at``.
    """

    def __init__(self, element_id: str, check: Checks) -> None:
        self._element, self._check = element_id, check

    def _that(
        self, what: str, holds: Callable[[UserTaskFacts], bool], seen: Callable[[UserTaskFacts], object]
    ) -> UserTaskAssert:
        __tracebackhide__ = True

        def problem(facts: InstanceFacts) -> str | None:
            tasks = [task for task in facts.user_tasks if task.element_id == self._element]
            if not tasks:
                return f"there is no user task of {self._element}"
            if holds(tasks[-1]):
                return None
            return f"the user task of {self._element} {what}; it is {seen(tasks[-1])!r}"

        self._check(problem)
        return self

    def is_created(self) -> UserTaskAssert:
        """It waits for somebody."""
        __tracebackhide__ = True
        return self._that("should be CREATED", lambda t: t.state == "CREATED", lambda t: t.state)

    def is_completed(self) -> UserTaskAssert:
        """Somebody has completed it."""
        __tracebackhide__ = True
        return self._that("should be COMPLETED", lambda t: t.state == "COMPLETED", lambda t: t.state)

    def is_canceled(self) -> UserTaskAssert:
        """It has gone with its element."""
        __tracebackhide__ = True
        return self._that("should be CANCELED", lambda t: t.state == "CANCELED", lambda t: t.state)

    def has_assignee(self, assignee: str) -> UserTaskAssert:
        """It is assigned to ``assignee``; ``""`` for nobody."""
        __tracebackhide__ = True
        return self._that(
            f"should have assignee {assignee!r}", lambda t: t.assignee == assignee, lambda t: t.assignee
        )

    def has_candidate_groups(self, *groups: str) -> UserTaskAssert:
        """Its candidate groups are these, in any order."""
        __tracebackhide__ = True
        return self._that(
            f"should have candidate groups {groups!r}",
            lambda t: sorted(t.candidate_groups) == sorted(groups),
            lambda t: t.candidate_groups,
        )

    def has_candidate_users(self, *users: str) -> UserTaskAssert:
        """Its candidate users are these, in any order."""
        __tracebackhide__ = True
        return self._that(
            f"should have candidate users {users!r}",
            lambda t: sorted(t.candidate_users) == sorted(users),
            lambda t: t.candidate_users,
        )

    def has_priority(self, priority: int) -> UserTaskAssert:
        """Its priority, from 0 to 100."""
        __tracebackhide__ = True
        return self._that(
            f"should have priority {priority}", lambda t: t.priority == priority, lambda t: t.priority
        )

    @property
    def key(self) -> str:
        """Its key, for the client's calls; AssertionError while there is none."""
        found: list[str] = []

        def problem(facts: InstanceFacts) -> str | None:
            found[:] = [task.key for task in facts.user_tasks if task.element_id == self._element]
            return None if found else f"there is no user task of {self._element}"

        self._check(problem)
        return found[-1]


class DecisionAssert:
    """Assertions of the newest evaluation of a decision in an instance; from ``assert_that(instance).decision("discount")``."""

    def __init__(self, decision_id: str, check: Checks) -> None:
        self._id, self._check = decision_id, check

    def _that(self, what: str, holds: Callable[[DecisionFacts], bool]) -> DecisionAssert:
        __tracebackhide__ = True

        def problem(facts: InstanceFacts) -> str | None:
            found = [decision for decision in facts.decisions if decision.id == self._id]
            if not found:
                return f"decision {self._id} was not evaluated"
            last = found[-1]
            if holds(last):
                return None
            seen = f"it failed: {last.failure}" if last.failure else f"its output is {last.output!r}"
            return f"decision {self._id} {what}; {seen}"

        self._check(problem)
        return self

    def is_evaluated(self) -> DecisionAssert:
        """It was evaluated, and has an output."""
        __tracebackhide__ = True
        return self._that("should be evaluated", lambda d: not d.failure)

    def has_output(self, output: Any) -> DecisionAssert:
        """Its output, as JSON would give it."""
        __tracebackhide__ = True
        return self._that(f"should have output {output!r}", lambda d: not d.failure and d.output == output)

    def has_failed(self, message: str = "") -> DecisionAssert:
        """It could not be evaluated, for a reason that contains ``message``."""
        __tracebackhide__ = True
        return self._that(
            f"should have failed with {message!r}", lambda d: bool(d.failure) and message in d.failure
        )
