"""What the engine remembers of what runs: instances, jobs, subscriptions, timers, incidents. Everything finished is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from camunda_embedded._bpmn.model import Element, Flow
from camunda_embedded._engine.command import Command
from camunda_embedded._engine.rejections import Rejected
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.schedule import Appointment

__all__ = [
    "TENANT",
    "Incident",
    "Instance",
    "Job",
    "Transition",
    "Trigger",
    "UserTask",
    "Variable",
    "Wait",
]


@dataclass(eq=False, slots=True)
class Variable:
    """A variable in the scope that owns it; ``value`` is JSON."""

    key: int
    value: Any


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event that an instance was reached by and has not dealt with yet."""

    key: int
    target: Element
    variables: dict[str, Any]


@dataclass(eq=False, slots=True)
class Incident:
    """Something that only a person can mend."""

    key: int
    instance: Instance
    value: dict[str, Any]
    job: Job | None


@dataclass(eq=False, slots=True)
class Wait:
    """An event that an element instance waits for, or by its start event a process (``instance`` is None).

    ``name`` is the message's or the signal's.
    """

    key: int
    name: str
    definition: Definition
    element: Element
    instance: Instance | None


@dataclass(eq=False, slots=True)
class Job:
    """A job; ``state`` is ACTIVATABLE, ACTIVATED, FAILED, ERROR_THROWN or BACKOFF."""

    key: int
    type: str
    retries: int
    headers: dict[str, str]
    instance: Instance
    state: str = "ACTIVATABLE"
    deadline: int = -1
    worker: str = ""
    error_code: str = ""
    error_message: str = ""
    retry_backoff: int = 0
    recurring_time: int = -1
    variables: dict[str, Any] = field(default_factory=dict)
    appointment: Appointment | None = None
    incident: Incident | None = None
    #: What asks for it: the element itself, or a listener at an event such as START.
    kind: str = "BPMN_ELEMENT"
    event: str = "UNSPECIFIED"
    #: Of a task listener's job: what the record of the user task says, and variables that it sees besides.
    user_task: dict[str, Any] | None = None
    given: dict[str, Any] | None = None
    #: Those with more of it are handed out before others.
    priority: int = 0
    #: What records name instead of the element's id; "" for that.
    shown_element: str = ""


@dataclass(eq=False, slots=True)
class Transition:
    """A change of a user task on its way.

    ``state``   the task's meanwhile
    ``value``   what its record is to say then; ``given`` is what the command wanted, before listeners corrected it
    ``asked``   how many task listeners have been asked and have answered
    ``waited``  whether there was one to wait for
    ``on_end``  called when it is over, with the refusal that it has ended in, if there is one
    """

    state: str
    value: dict[str, Any]
    given: dict[str, Any]
    command: Command[Any] | None = None
    asked: int = 0
    waited: bool = False
    over: bool = False
    on_end: Callable[[Rejected | None], None] | None = None


@dataclass(eq=False, slots=True)
class UserTask:
    """A native user task.

    ``value``  what its records say of it while nothing is done to it
    ``state``  CREATED then; in a transition, CREATING, ASSIGNING, UPDATING, COMPLETING or CANCELING
    """

    key: int
    instance: Instance
    value: dict[str, Any]
    state: str = "CREATING"
    transition: Transition | None = None
    #: Who is to be assigned when it is created.
    meant_for: str = ""


@dataclass(eq=False, slots=True)
class Instance:
    """An element instance: a node of the tree under a process instance."""

    key: int
    element: Element
    definition: Definition
    scope: Instance | None
    root: Instance = None  # type: ignore[assignment]  # the process instance; set right after making
    state: str = "ACTIVATING"
    value: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    children: dict[int, Instance] = field(default_factory=dict)
    active_flows: int = 0
    joins: dict[str, dict[str, int]] = field(default_factory=dict)
    ending: bool = False
    #: Of a scope: whether it stays though nothing runs in it.
    stays: bool = False
    #: Of a scope: whether an event sub-process has ended everything else in it.
    interrupted: bool = False
    #: Whether the scope had been interrupted when this was begun, so that it belongs to what came then.
    after_interruption: bool = False
    job: Job | None = None
    #: Execution listeners: how many were asked for the same event, what the last one gave, and whether its variables are there.
    asked: int = 0
    heard: Trigger | None = None
    entered: bool = False
    user_task: UserTask | None = None
    waits: list[Wait] = field(default_factory=list)
    incident: Incident | None = None
    trigger: Trigger | None = None
    caller: Instance | None = None
    called: Instance | None = None
    #: Of a process instance: how many others it was called through.
    calls: int = 0
    items: list[Any] = field(default_factory=list)
    started: int = 0
    completed: int = 0
    terminated: int = 0
    #: Of a run of a multi-instance activity: which it is, from 1.
    index: int = 0
    #: Of an inner instance of an ad-hoc sub-process: the element to begin with.
    wanted: Element | None = None
    #: The sequence flow that it was reached by.
    entered_by: Flow | None = None
    correlation: tuple[str, str] | None = None
    on_completed: Callable[[Instance], None] | None = None
    tags: Sequence[str] = ()
    business_id: str = ""

    def scopes(self) -> Iterator[Instance]:
        """This instance and the scopes around it, within its process instance."""
        instance: Instance | None = self
        while instance is not None:
            yield instance
            instance = instance.scope

    @property
    def outermost(self) -> Instance:
        """The process instance that called the one around this, and so on, up to one that was not called."""
        found = self.root
        while found.caller is not None:
            found = found.caller.root
        return found

    @property
    def triggerable(self) -> bool:
        """Whether an event that it waits for may still reach it."""
        return self.state in ("ACTIVATING", "ACTIVATED") and self.trigger is None

    @property
    def interrupter(self) -> Trigger | None:
        """Of a scope: what interrupts it, as long as not everything else in it has ended."""
        return self.trigger if self.interrupted else None

    @property
    def startable(self) -> bool:
        """Whether an event sub-process can still begin in this scope."""
        return self.state == "ACTIVATED" and self.trigger is None and not (self.interrupted or self.ending)

    @property
    def loop_child(self) -> bool:
        """True for one run of a multi-instance activity."""
        return self.scope is not None and self.scope.element.inner is self.element

    def tree(self) -> list[Instance]:
        """This instance and all inside it, outer ones first."""
        found = [self]
        for instance in found:
            found += instance.children.values()
        return found

    def lookup(self, name: str) -> Variable | None:
        """The visible variable of that name."""
        for scope in self.scopes():
            found = scope.variables.get(name)
            if found is not None:
                return found
        return None

    def own(self) -> dict[str, Any]:
        """The variables of this scope itself."""
        return {name: variable.value for name, variable in self.variables.items()}

    def visible(self) -> dict[str, Any]:
        """Every visible variable; inner ones hide outer ones."""
        found: dict[str, Any] = {}
        for scope in self.scopes():
            for name, variable in scope.variables.items():
                found.setdefault(name, variable.value)
        return found
