"""What a handler's signature asks for: its variables by name and type, all of them, or the job.

    async def charge(order_id: Annotated[str, Variable("orderId")], amount: Decimal, note: str = "", *, job: Job): ...

- A parameter annotated ``Job``, or called ``job`` without an annotation, is given the job.
- One called ``variables`` is given all variables: as they are (``dict``, or no annotation), or as a dataclass, TypedDict,
  NamedTuple or pydantic model. ``**kwargs`` is given all variables that no other parameter takes.
- Every other parameter is the process variable of exactly its name, or of the name in ``Annotated[T, Variable("name")]``,
  converted to its type (see ``conversion``). A default stands in for a variable that does not exist, not for one that is
  null.
- A parameter that ``functools.partial`` has bound by name is no variable.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Protocol

from camunda_core.errors import ConfigurationError
from camunda_worker._data.conversion import Convert, Unfitting, Variable, as_is, converter
from camunda_worker._data.records import record_names, type_hints

__all__ = ["NOTHING", "Parameters", "Unfitting", "Variable", "handler_name", "is_async"]

#: Asking for no variables means all of them, so who wants none asks for one that nobody has.
NOTHING = ("camunda_worker_no_variable",)

_ABSENT: Any = object()
_MAPPINGS = (Any, dict, Mapping, MutableMapping)
_Parameter = inspect.Parameter


class _Job(Protocol):
    """What ``bind`` reads of a job."""

    @property
    def variables(self) -> dict[str, Any]: ...
    @property
    def type(self) -> str: ...
    @property
    def element_id(self) -> str: ...
    @property
    def process_definition_id(self) -> str: ...


class Parameters:
    """The parameters of one handler.

    ``fetch_variables`` are the names to ask the gateway for; () is all variables.
    """

    __slots__ = ("_all", "_job", "_known", "_names", "_rest", "_single", "fetch_variables")

    def __init__(self) -> None:
        self.fetch_variables: tuple[str, ...] = ()
        self._job: str | None = None
        self._single: list[tuple[str, str, Convert | None, bool]] = []
        self._all: tuple[str, Convert | None] | None = None
        self._rest = False
        self._known: frozenset[str] = frozenset()
        self._names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, handler: Callable[..., Any]) -> Parameters:
        """Reads the signature of a function, coroutine function, bound method,
        ``functools.partial`` or callable object.

        Raises ConfigurationError, naming the parameter, for what nothing can be bound to.
        """
        self = cls()
        name = handler_name(handler)
        fetched: list[str] | None = []
        try:
            hints = _hints(handler)
            parameters = _parameters(handler)
            for parameter in parameters:
                wanted = self._add(parameter, hints.get(parameter.name, _ABSENT))
                fetched = None if fetched is None or wanted is None else [*fetched, *wanted]
        except ConfigurationError as error:
            raise ConfigurationError(f"{name}: {error}") from error.__cause__
        self._names = frozenset(each.name for each in parameters if each.kind is not _Parameter.VAR_KEYWORD)
        self._known = frozenset(variable for _, variable, _, _ in self._single)
        # A handler that takes the job alone reads what it needs from there.
        if fetched is not None and (fetched or self._job is None):
            self.fetch_variables = tuple(dict.fromkeys(fetched)) or NOTHING
        return self

    def _add(self, parameter: _Parameter, hint: Any) -> tuple[str, ...] | None:
        """Takes a parameter on; gives the variables that it needs, None for all."""
        name = parameter.name
        if parameter.kind is _Parameter.POSITIONAL_ONLY:
            raise ConfigurationError(
                f"parameter {name!r} is positional-only, and handlers are called by name: remove the '/'"
            )
        if parameter.kind is _Parameter.VAR_POSITIONAL:
            raise ConfigurationError(
                f"*{name} stands for nothing, because variables have names: use **{name}, or a list parameter without the '*'"
            )
        if parameter.kind is _Parameter.VAR_KEYWORD:
            self._rest = True
            return None
        if _is_job(hint) or (name == "job" and hint is _ABSENT):
            if self._job is not None:
                raise ConfigurationError(f"both {self._job!r} and {name!r} ask for the job")
            self._job = name
            return ()
        variable = _variable(hint)
        if name == "variables" and variable is None:
            return self._add_all(name, hint)
        try:
            convert = None if hint is _ABSENT else converter(hint)
        except ConfigurationError as error:
            raise ConfigurationError(f"parameter {name!r}: {error}") from error.__cause__
        optional = parameter.default is not _Parameter.empty
        self._single.append((name, variable or name, None if convert is as_is else convert, not optional))
        return (variable or name,)

    def _add_all(self, name: str, hint: Any) -> tuple[str, ...] | None:
        plain = Any if hint is _ABSENT else _bare(hint)
        if (typing.get_origin(plain) or plain) in _MAPPINGS:
            names = None
        else:
            try:
                names = record_names(plain)
            except TypeError:
                raise ConfigurationError(
                    f"parameter {name!r} is given all variables: annotate it as dict or as a dataclass, TypedDict or model, or, "
                    f'if a process variable has this name, call it otherwise: Annotated[..., Variable("{name}")]'
                ) from None
        try:
            convert = converter(plain)
        except ConfigurationError as error:
            raise ConfigurationError(f"parameter {name!r}: {error}") from error.__cause__
        self._all = (name, None if plain in _MAPPINGS else convert)
        return names

    def bind(self, job: _Job) -> dict[str, Any]:
        """The keyword arguments for this job.

        Raises Unfitting when its variables are not what the handler asks for.
        """
        variables = job.variables
        bound: dict[str, Any] = {}
        variable = ""
        try:
            for name, variable, convert, required in self._single:
                value = variables.get(variable, _ABSENT)
                if value is not _ABSENT:
                    bound[name] = value if convert is None else convert(value)
                elif required:
                    raise Unfitting(_missing(job, name, variable))
            if self._all is not None:
                variable = ""
                name, convert = self._all
                bound[name] = variables if convert is None else convert(variables)
        except Unfitting as error:
            if variable and variable not in variables:
                raise
            raise _placed(error, job, variable) from error.__cause__
        if self._rest:
            self._bind_rest(job, bound)
        if self._job is not None:
            bound[self._job] = job
        return bound

    def _bind_rest(self, job: _Job, bound: dict[str, Any]) -> None:
        for name, value in job.variables.items():
            if name in self._known:
                continue
            if name in self._names:
                # The name is a parameter's own: passing both is impossible, and dropping one would go unseen.
                raise Unfitting(
                    f"the variable {name!r} collides with the handler's parameter of this name, which is given something else: "
                    f"rename the parameter, or take a `variables` parameter instead of **kwargs{_where(job)}"
                )
            bound[name] = value


def is_async(handler: Callable[..., Any]) -> bool:
    """Whether calling the handler gives a coroutine."""
    plain = _unwrapped(handler)
    return inspect.iscoroutinefunction(plain) or inspect.iscoroutinefunction(
        getattr(plain, "__call__", None)  # noqa: B004 - an object's own __call__ may be a coroutine function
    )


def handler_name(handler: Callable[..., Any]) -> str:
    """The handler as messages call it."""
    plain = _unwrapped(handler)
    named = plain if hasattr(plain, "__qualname__") else type(plain)
    return f"{named.__module__}.{named.__qualname__}"


def _parameters(handler: Callable[..., Any]) -> list[_Parameter]:
    plain = _unwrapped(handler)
    call = getattr(plain, "__call__", None) if not inspect.isroutine(plain) else plain  # noqa: B004
    if inspect.isgeneratorfunction(call) or inspect.isasyncgenfunction(call):
        raise ConfigurationError("a handler returns its result: it cannot `yield`")
    try:
        parameters = list(inspect.signature(handler).parameters.values())
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"the signature cannot be read: {error}") from error
    bound: set[str] = set()
    while isinstance(handler, functools.partial):
        bound.update(handler.keywords)
        handler = handler.func
    return [each for each in parameters if each.name not in bound]


def _hints(handler: Callable[..., Any]) -> dict[str, Any]:
    plain = _unwrapped(handler)
    if not (inspect.isroutine(plain) or isinstance(plain, type)):
        plain = type(plain).__call__
    elif isinstance(plain, type):
        plain = plain.__init__  # type: ignore[misc]
    try:
        return type_hints(plain)
    except ConfigurationError:
        # What a handler returns is not looked at, so its annotation may be of a type that is not there.
        annotations = _annotations(plain)
        if "return" not in annotations:
            raise
        without = types.FunctionType((lambda: None).__code__, getattr(plain, "__globals__", {}))
        without.__qualname__ = handler_name(handler)
        without.__annotations__ = {name: hint for name, hint in annotations.items() if name != "return"}
        return type_hints(without)


def _annotations(function: Any) -> dict[str, Any]:
    if sys.version_info >= (3, 14):  # where they are evaluated only now, and may speak of what is not there
        import annotationlib

        return annotationlib.get_annotations(function, format=annotationlib.Format.FORWARDREF)
    return getattr(function, "__annotations__", {})


def _unwrapped(handler: Callable[..., Any]) -> Any:
    while isinstance(handler, functools.partial):
        handler = handler.func
    return handler


def _bare(hint: Any) -> Any:
    while typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    return hint


def _is_job(hint: Any) -> bool:
    """By name: the job's own module may be on its way to be imported."""
    bare = _bare(hint)
    members = (
        typing.get_args(bare)
        if isinstance(bare, types.UnionType) or typing.get_origin(bare) is typing.Union
        else (bare,)
    )
    return any(
        getattr(each, "__name__", "") == "Job" and getattr(each, "__module__", "") == "camunda_worker._job"
        for each in members
    )


def _variable(hint: Any) -> str | None:
    for each in getattr(hint, "__metadata__", ()):
        if isinstance(each, Variable):
            return each.name
    return None


def _where(job: _Job) -> str:
    return (
        f" (job of type {job.type!r} at element {job.element_id!r} of process {job.process_definition_id!r})"
    )


def _missing(job: _Job, name: str, variable: str) -> str:
    return (
        f"there is no variable {variable!r}{_where(job)}: set it in the process, add an input mapping to the element, or give the "
        f"handler's parameter {name!r} a default"
    )


def _placed(error: Unfitting, job: _Job, variable: str) -> Unfitting:
    if variable:
        error.within(variable)
    error.problem += _where(job)
    return error
