"""Assertions of process instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from camunda_core._arguments import shown
from camunda_core.errors import InvalidRequest
from camunda_embedded._spans import Span, span_of
from camunda_embedded.testing._facts import InstanceFacts
from camunda_embedded.testing._report import report
from camunda_embedded.testing._source import Source, source_of
from camunda_embedded.testing._tasks import DecisionAssert, UserTaskAssert
from camunda_embedded.testing._waiting import hold

__all__ = ["InstanceAssert", "assert_that"]

_ABSENT: Any = object()


def assert_that(
    instance: object = None,
    *,
    process: str | None = None,
    on: object = None,
    patience: float | None = None,
) -> InstanceAssert:
    """Begins assertions of a process instance.

    ``instance``  its key, or what has a ``process_instance_key``, such as the answer of ``create_process_instance``
    ``process``   instead of it: the id of a process, of which the newest instance is meant
    ``on``        where to look: an ``EmbeddedGateway``, a ``bridge.Client`` on a cluster from 8.8 on, or a ``Source``;
                  by default what ``using`` gave last, which is the gateway of the fixture ``camunda_gateway``
    ``patience``  seconds to wait for others, such as workers: 2 on an embedded gateway, where nobody is waited for when
                  nothing can change any more, 10 on a cluster

    Raises:
        InvalidRequest: a ValueError; neither or both of ``instance`` and ``process``, or no place to look.
    """
    if (instance is None) == (process is None):
        raise InvalidRequest("give an instance, or process=… with the id of its process")
    if process is not None and (not isinstance(process, str) or not process):
        raise InvalidRequest(f"process must be the id of a process, not {shown(process)}")
    source = source_of(on)
    wait = source.patience if patience is None else patience
    if isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait <= 3600:
        raise InvalidRequest(f"patience must be seconds from 0 to 3600, not {shown(wait)}")
    return InstanceAssert(source, "" if instance is None else _key(instance), process or "", "", wait)


def _key(instance: object) -> str:
    key = (
        getattr(instance, "process_instance_key", None)
        or getattr(instance, "processInstanceKey", None)
        or instance
    )
    if isinstance(key, bool) or not isinstance(key, int | str) or not str(key).isdecimal():
        raise InvalidRequest(f"instance must be a key, or have a process_instance_key, not {shown(instance)}")
    return str(key)


def _times(times: int | None) -> None:
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 0):
        raise InvalidRequest(f"times must be a number, 0 or more, not {shown(times)}")


class InstanceAssert:
    """Assertions of one process instance; made by ``assert_that``.

    Each waits until it holds, returns the assert itself, and raises AssertionError with what the instance did when it
    does not hold. Elements are meant by their ids in the model.
    """

    def __init__(self, source: Source, key: str, process: str, parent: str, patience: float) -> None:
        self._source, self._key, self._process, self._parent = source, key, process, parent
        self._patience = patience
        self._limit: Span | None = None

    # --- what there is ---

    def _facts(self) -> InstanceFacts | str:
        key = self._key or self._source.newest(self._process, self._parent)
        if key is None:
            return f"there is no instance of process {self._process}" + (
                " that it called" if self._parent else ""
            )
        return self._source.instance(key) or f"there is no process instance {key}"

    @property
    def facts(self) -> InstanceFacts:
        """All that is known of it now; AssertionError while there is no such instance."""
        self._check(lambda _: None)
        found = self._facts()
        if isinstance(found, str):
            raise AssertionError(found)
        return found

    @property
    def key(self) -> str:
        """Its key."""
        return self.facts.key

    def describe(self) -> str:
        """What it did, where it stands, its variables and incidents, as failures print it."""
        return report(self.facts)

    def _check(self, problem: Callable[[InstanceFacts], str | None]) -> None:
        __tracebackhide__ = True
        last: list[InstanceFacts] = []

        def found() -> str | None:
            facts = self._facts()
            if isinstance(facts, str):
                return facts
            last[:] = [facts]
            return problem(facts)

        text = hold(self._source, found, self._patience, self._limit)
        if text is not None:
            limit = f" within {self._limit}" if self._limit is not None else ""
            raise AssertionError(f"{text}{limit}" + "".join(f"\n{report(facts)}" for facts in last))

    def _that(self, problem: Callable[[InstanceFacts], str | None]) -> InstanceAssert:
        __tracebackhide__ = True
        self._check(problem)
        return self

    def until(self, limit: Span) -> InstanceAssert:
        """The same, with so much time for what follows: ``assert_that(order).until("3d").is_completed()``.

        On an embedded gateway the clock moves to the next thing that is due, and the next, until the assertion holds, and
        nothing sleeps. On a cluster it is real time that goes by.
        """
        span_of(limit, "limit")
        other = InstanceAssert(self._source, self._key, self._process, self._parent, self._patience)
        other._limit = limit
        return other

    # --- its state ---

    def _is(self, state: str) -> InstanceAssert:
        __tracebackhide__ = True
        return self._that(lambda f: None if f.state == state else f"it should be {state}, and is {f.state}")

    def is_active(self) -> InstanceAssert:
        """It has not ended."""
        __tracebackhide__ = True
        return self._is("ACTIVE")

    def is_completed(self) -> InstanceAssert:
        """It came to its end."""
        __tracebackhide__ = True
        return self._is("COMPLETED")

    def is_terminated(self) -> InstanceAssert:
        """It was canceled."""
        __tracebackhide__ = True
        return self._is("TERMINATED")

    # --- its elements ---

    def is_waiting_at(self, *element_ids: str) -> InstanceAssert:
        """All of these elements are active."""
        __tracebackhide__ = True
        return self._that(
            lambda f: _missing("it should wait at", [e for e in element_ids if not f.runs(e, "ACTIVE")])
        )

    def is_waiting_only_at(self, *element_ids: str) -> InstanceAssert:
        """These elements are active and no others, but for the sub-processes around them."""
        __tracebackhide__ = True

        def problem(facts: InstanceFacts) -> str | None:
            active = [e for e in facts.elements if e.state == "ACTIVE" and e.type not in _SCOPES]
            wanted, seen = set(element_ids), {e.id for e in active}
            return (
                None
                if wanted == seen
                else f"it should wait only at {_list(wanted)}, and waits at {_list(seen)}"
            )

        return self._that(problem)

    def is_not_waiting_at(self, *element_ids: str) -> InstanceAssert:
        """None of these elements is active."""
        __tracebackhide__ = True
        return self._that(
            lambda f: _missing("it should not wait at", [e for e in element_ids if f.runs(e, "ACTIVE")])
        )

    def has_completed(self, *element_ids: str, times: int | None = None) -> InstanceAssert:
        """All of these elements were completed: exactly ``times`` often where it is given, else at least once."""
        __tracebackhide__ = True
        return self._ran("COMPLETED", element_ids, times)

    def has_terminated(self, *element_ids: str, times: int | None = None) -> InstanceAssert:
        """All of these elements were terminated, such as by a boundary event: ``times`` as in ``has_completed``."""
        __tracebackhide__ = True
        return self._ran("TERMINATED", element_ids, times)

    def _ran(self, state: str, element_ids: tuple[str, ...], times: int | None) -> InstanceAssert:
        __tracebackhide__ = True
        _times(times)

        def problem(facts: InstanceFacts) -> str | None:
            for each in element_ids:
                count = len(facts.runs(each, state))
                if (count == 0 and times is None) or (times is not None and count != times):
                    wanted = "at least once" if times is None else f"{times} times"
                    return f"{each} should be {state} {wanted}, and is {count} times"
            return None

        return self._that(problem)

    def has_not_reached(self, *element_ids: str) -> InstanceAssert:
        """None of these elements was ever begun."""
        __tracebackhide__ = True
        return self._that(
            lambda f: _missing("it should not have reached", [e for e in element_ids if f.runs(e)])
        )

    def has_completed_in_order(self, *element_ids: str) -> InstanceAssert:
        """These elements were completed one after the other; others may have been between them."""
        __tracebackhide__ = True

        def problem(facts: InstanceFacts) -> str | None:
            done = sorted((e for e in facts.elements if e.state == "COMPLETED"), key=lambda e: e.ended)
            rest = iter([e.id for e in done])
            for each in element_ids:
                if each not in rest:
                    order = " → ".join(e.id for e in done) or "nothing"
                    return f"it should complete {' → '.join(element_ids)}; it completed {order}"
            return None

        return self._that(problem)

    def has_taken(self, *flow_ids: str, times: int | None = None) -> InstanceAssert:
        """All of these sequence flows were taken; ``times`` is not known of clusters, which name each flow once."""
        __tracebackhide__ = True
        _times(times)

        def problem(facts: InstanceFacts) -> str | None:
            counts = Counter(facts.flows)
            for each in flow_ids:
                if counts[each] != times if times is not None else not counts[each]:
                    return f"flow {each} should be taken {'' if times is None else f'{times} times'}; it was {counts[each]} times"
            return None

        return self._that(problem)

    # --- its data ---

    def has_variable(self, name: str, value: Any = _ABSENT, *, at: str = "") -> InstanceAssert:
        """It has a variable, of this value where one is given, as JSON gives it; ``at`` names an element that has it locally."""
        __tracebackhide__ = True
        return self.has_variables({name: value}, at=at)

    def has_variables(self, variables: Mapping[str, Any], *, at: str = "") -> InstanceAssert:
        """It has all of these, and may have more."""
        __tracebackhide__ = True

        def problem(facts: InstanceFacts) -> str | None:
            have = facts.visible(at) if at else facts.variables
            for name, value in variables.items():
                if name not in have:
                    return f"there should be a variable {name}"
                if value is not _ABSENT and not _same(have[name], value):
                    return f"variable {name} should be {value!r}, and is {have[name]!r}"
            return None

        return self._that(problem)

    def has_variable_that(self, name: str, holds: Callable[[Any], object], *, at: str = "") -> InstanceAssert:
        """It has a variable, and ``holds(value)`` is true."""
        __tracebackhide__ = True

        def problem(facts: InstanceFacts) -> str | None:
            have = facts.visible(at) if at else facts.variables
            if name not in have:
                return f"there should be a variable {name}"
            return None if holds(have[name]) else f"variable {name} is {have[name]!r}, and should not be"

        return self._that(problem)

    def has_no_variable(self, *names: str) -> InstanceAssert:
        """It has none of these."""
        __tracebackhide__ = True
        return self._that(
            lambda f: _missing("there should be no variable", [n for n in names if n in f.variables])
        )

    # --- its incidents ---

    def has_incident(self, *, at: str = "", type: str = "", message: str = "") -> InstanceAssert:
        """It has an incident that is not resolved: at this element, of this type, with this in its message."""
        __tracebackhide__ = True

        def problem(facts: InstanceFacts) -> str | None:
            for i in facts.incidents:
                if (
                    i.state == "ACTIVE"
                    and at in ("", i.element_id)
                    and type in ("", i.type)
                    and message in i.message
                ):
                    return None
            named = {"at": at, "type": type, "message": message}
            return "there should be an incident " + ", ".join(f"{k} {v!r}" for k, v in named.items() if v)

        return self._that(problem)

    def has_no_incident(self) -> InstanceAssert:
        """It has none that is not resolved."""
        __tracebackhide__ = True
        return self._that(
            lambda f: _missing(
                "there should be no incident at", [i.element_id for i in f.incidents if i.state == "ACTIVE"]
            )
        )

    # --- what belongs to it ---

    def user_task(self, element_id: str) -> UserTaskAssert:
        """Assertions of its user task."""
        return UserTaskAssert(element_id, self._check)

    def decision(self, decision_id: str) -> DecisionAssert:
        """Assertions of a decision that was evaluated in it."""
        return DecisionAssert(decision_id, self._check)

    def called(self, process_id: str) -> InstanceAssert:
        """Assertions of the newest instance of a process that it called."""
        other = InstanceAssert(self._source, "", process_id, self.key, self._patience)
        other._limit = self._limit
        return other


#: What is active because something in it is.
_SCOPES = frozenset({"SUB_PROCESS", "EVENT_SUB_PROCESS", "AD_HOC_SUB_PROCESS", "MULTI_INSTANCE_BODY"})


def _same(one: Any, other: Any) -> bool:
    """Whether JSON says the same: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _missing(what: str, found: list[str]) -> str | None:
    return f"{what} {_list(set(found))}" if found else None


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
