"""The executable model of a process: what the parser makes and the engine runs.

Nothing here changes after deployment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from camunda_embedded import _feel as feel

__all__ = [
    "AdHoc",
    "Binding",
    "CalledElement",
    "Computed",
    "Condition",
    "Element",
    "Expression",
    "Flow",
    "IoMapping",
    "Job",
    "Listener",
    "Loop",
    "Message",
    "Process",
    "Timer",
    "UserTask",
    "expression",
]


@dataclass(frozen=True, slots=True)
class Expression:
    """A FEEL expression, or a static text (``compiled`` is None)."""

    text: str
    compiled: feel.Expression | None = None

    @property
    def static(self) -> bool:
        """True when the value is the text itself."""
        return self.compiled is None


def expression(text: str) -> Expression:
    """What an attribute holds: an expression after ``=``, else a static text.

    Raises:
        feel.FeelSyntaxError, feel.UnknownFunction: the expression cannot be used.
    """
    stripped = text.lstrip()
    if not stripped.startswith("="):
        return Expression(text)
    body = stripped[1:]  # messages show it as it is written
    return Expression(body, feel.compile(body))


@dataclass(frozen=True, slots=True)
class IoMapping:
    """One input or output mapping; ``target`` is the path of names."""

    source: Expression
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """What a job worker is asked: job type, retries, static headers, and headers that are
    expressions (user tasks).
    """

    type: Expression
    retries: Expression
    headers: Mapping[str, str]
    computed: Mapping[str, Expression] = field(default_factory=dict)
    form_id: Expression | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """A job that is asked for at a moment of an element's life (``event``, such as ``start``)."""

    event: str
    job: Job


@dataclass(frozen=True, slots=True)
class UserTask:
    """What a native user task says of who does it, when, and with which form.

    ``external_form``  a reference to a form that the engine does not know
    """

    headers: Mapping[str, str]
    assignee: Expression | None = None
    candidate_groups: Expression | None = None
    candidate_users: Expression | None = None
    due_date: Expression | None = None
    follow_up_date: Expression | None = None
    external_form: Expression | None = None
    form_id: Expression | None = None
    priority: Expression | None = None
    listeners: list[Listener] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Binding:
    """Which version of a linked resource is meant; ``type`` is ``latest``, ``deployment`` or ``versionTag``."""

    type: str = "latest"
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """``kind`` is ``Duration``, ``Date`` or ``Cycle``."""

    kind: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Condition:
    """What a conditional event waits for.

    ``events`` are the changes of a variable for which it is asked again, CREATED and UPDATED, ``written_events`` what the
    file says of them.
    """

    expression: Expression
    events: frozenset[str]
    written_events: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """The variables that it depends on."""
        return self.expression.compiled.names if self.expression.compiled is not None else frozenset()


@dataclass(frozen=True, slots=True)
class Message:
    """``key`` is None for a message that only starts processes."""

    name: Expression
    key: Expression | None


@dataclass(frozen=True, slots=True)
class Computed:
    """What a task computes, a script or the id of a decision, and the variable that takes its result."""

    source: Expression
    result: str


@dataclass(frozen=True, slots=True)
class CalledElement:
    """The process that a call activity calls, and what goes along."""

    process: Expression
    pass_parent_variables: bool
    pass_child_variables: bool


@dataclass(frozen=True, slots=True)
class Loop:
    """The multi-instance characteristics of an activity."""

    sequential: bool
    input_collection: Expression
    input_element: str | None
    output_collection: str | None
    output_element: Expression | None
    condition: Expression | None


@dataclass(frozen=True, slots=True)
class AdHoc:
    """What an ad-hoc sub-process does by itself: which elements it begins with, when it is done, what it collects.

    ``elements``  what its variable of that name says of the elements that can be activated
    ``inner``     the element of its inner instances: each activated element runs in one of its own
    """

    inner: Element
    elements: list[dict[str, object]]
    active: Expression | None
    condition: Expression | None
    cancels_rest: bool
    output_collection: str | None
    output_element: Expression | None


@dataclass(eq=False, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: Element
    target: Element
    condition: Expression | None = None


@dataclass(eq=False, slots=True)
class Element:
    """A node of the process, or the process itself (type PROCESS).

    A multi-instance activity is two elements of one id: the body (MULTI_INSTANCE_BODY), which has
    the flows and the boundary events, and its ``inner`` activity, whose ``scope`` is the body.
    """

    id: str
    type: str
    event: str = "UNSPECIFIED"
    scope: Element | None = None
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    default: Flow | None = None
    inputs: list[IoMapping] = field(default_factory=list)
    outputs: list[IoMapping] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)
    boundary: list[Element] = field(default_factory=list)
    #: Of a scope: the start events of the event sub-processes in it.
    event_starts: list[Element] = field(default_factory=list)
    #: Of a scope: its inclusive gateways.
    inclusive: list[Element] = field(default_factory=list)
    interrupting: bool = True
    job: Job | None = None
    user_task: UserTask | None = None
    #: Its execution listeners.
    listeners: list[Listener] = field(default_factory=list)
    script: Computed | None = None
    decision: Computed | None = None
    called: CalledElement | None = None
    message: Message | None = None
    timer: Timer | None = None
    signal: Expression | None = None
    error: Expression | None = None
    escalation: Expression | None = None
    condition: Condition | None = None
    link: str = ""
    #: Of the process, decision or form that the element links.
    binding: Binding = Binding()
    #: Of an activity: the compensation event at its border.
    compensation: Element | None = None
    #: Of a boundary event: the activity that it is attached to, and of one of compensation its handler.
    host: Element | None = None
    handler: Element | None = None
    #: Of a throw event of compensation: the id of the activity to undo; "" for all in its scope.
    compensates: str = ""
    loop: Loop | None = None
    inner: Element | None = None
    ad_hoc: AdHoc | None = None
    #: Whether it is a gateway at which tokens wait for each other; asked for each flow that is taken.
    joining: bool = field(init=False)

    def __post_init__(self) -> None:
        self.joining = self.type in ("PARALLEL_GATEWAY", "INCLUSIVE_GATEWAY")

    @property
    def none_start(self) -> Element | None:
        """The none start event of a process or sub-process."""
        return next((e for e in self.children if e.type == "START_EVENT" and e.event == "NONE"), None)

    @property
    def starts_inside(self) -> bool:
        """True for the start event of an event sub-process, which is waited for in the scope around that."""
        return (
            self.type == "START_EVENT" and self.scope is not None and self.scope.type == "EVENT_SUB_PROCESS"
        )

    def ancestors(self) -> Iterator[Element]:
        """The scopes around this element, innermost first."""
        scope = self.scope
        while scope is not None:
            yield scope
            scope = scope.scope


@dataclass(eq=False, slots=True)
class Process:
    """An executable process of a file; ``elements`` holds every node by id (the body for
    a multi-instance one).
    """

    id: str
    root: Element
    elements: dict[str, Element]
    flows: dict[str, Flow]
    version_tag: str = ""

    @property
    def starts(self) -> list[Element]:
        """The start events of the process itself."""
        return [e for e in self.root.children if e.type == "START_EVENT"]
