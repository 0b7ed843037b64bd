"""Task declarations: which handler does the jobs of a type, and how.

``Router`` collects them; a worker is one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

from camunda_core._arguments import flag, is_sendable, items, positive, shown
from camunda_core.deadline import Duration, milliseconds, setting
from camunda_core.errors import ConfigurationError, InvalidRequest
from camunda_worker._data.parameters import Parameters, is_async
from camunda_worker._handlers.importable import default_size, importable
from camunda_worker._job import Job

__all__ = ["Execution", "Middleware", "Next", "Router", "Task", "count"]

Handler = TypeVar("Handler", bound=Callable[..., Any])
#: What a middleware is given to go on with.
Next: TypeAlias = Callable[[Job], Awaitable[Any]]
#: ``async def m(job, next)``: what it returns is the job's result, what it raises its failure.
Middleware: TypeAlias = Callable[[Job, Next], Awaitable[Any]]
Execution: TypeAlias = Literal["auto", "thread", "process"]


class Task(NamedTuple):
    """One declaration, checked.

    Lengths of time are seconds. ``execution`` is "async", "thread" or "process".
    """

    job_type: str
    handler: Callable[..., Any]
    parameters: Parameters
    timeout: float
    max_jobs_active: int
    stream: bool
    execution: str
    processes: int
    auto_extend: bool
    retry_backoff: float
    fetch_variables: tuple[str, ...]
    tenant_ids: tuple[str, ...]
    middleware: tuple[Middleware, ...]

    @property
    def at_once(self) -> int:
        """How many handlers may run at the same time."""
        return (
            min(self.max_jobs_active, self.processes) if self.execution == "process" else self.max_jobs_active
        )


class Router:
    """Collects tasks, so that an application can declare them in modules: ``worker.include(router)``.

    ``middleware`` is around every task of the router, outside of a task's own.
    """

    def __init__(self, *, middleware: Iterable[Middleware] = ()) -> None:
        self._middleware = _checked(middleware, "middleware")
        self._tasks: dict[str, Task] = {}

    def task(
        self,
        job_type: str,
        *,
        timeout: Duration = 300.0,
        max_jobs_active: int = 32,
        stream: bool = False,
        execution: Execution = "auto",
        processes: int | None = None,
        auto_extend: bool = False,
        retry_backoff: Duration = 0.0,
        fetch_variables: Iterable[str] | None = None,
        tenant_ids: Iterable[str] = (),
        middleware: Iterable[Middleware] = (),
    ) -> Callable[[Handler], Handler]:
        """Declares the decorated function, which it leaves as it is, as the handler of a job type.

        ``timeout``          seconds (or a timedelta) for which a job is locked: longer than its handler takes
        ``max_jobs_active``  how many jobs wait or are handled at most, polled and streamed together. Up to as many
                             again may be done and wait for the gateway to take their answer
        ``stream``           have jobs pushed as well (gRPC): for many jobs per second. Polling goes on beside it
        ``execution``        "auto": a coroutine function in the event loop, a plain one in a thread; "process": in a
                             process of its own, for CPU-heavy work
        ``processes``        how many processes there are for that; None is one per CPU
        ``auto_extend``      renew the lock for as long as the handler lives
        ``retry_backoff``    seconds until a job that failed may be taken again, where a JobFailure does not say
        ``fetch_variables``  which variables come; None is those that the handler's parameters name
        ``tenant_ids``       whose jobs; none is the default tenant's
        ``middleware``       ``async def m(job, next)``, outermost first, inside of the router's and the worker's

        Raises ConfigurationError, naming the argument, for a task that cannot work.
        """
        _check_job_type(job_type)
        own = _checked(middleware, "middleware")

        def declare(handler: Handler) -> Handler:
            task = _task(
                job_type=job_type,
                handler=handler,
                timeout=timeout,
                max_jobs_active=max_jobs_active,
                stream=stream,
                execution=execution,
                processes=processes,
                auto_extend=auto_extend,
                retry_backoff=retry_backoff,
                fetch_variables=fetch_variables,
                tenant_ids=tenant_ids,
                middleware=(*self._middleware, *own),
            )
            self._add(task)
            return handler

        return declare

    def include(self, *routers: Router) -> None:
        """Takes over the tasks of other routers.

        Raises ConfigurationError for a job type that is declared twice.
        """
        for router in items(routers, "routers", "routers", lambda each: isinstance(each, Router)):
            for task in router._tasks.values():
                self._add(_inside(task, self._middleware))

    @property
    def job_types(self) -> Sequence[str]:
        """The job types that are declared."""
        return tuple(self._tasks)

    def _add(self, task: Task) -> None:
        if task.job_type in self._tasks:
            raise ConfigurationError(
                f"job_type: {task.job_type!r} is declared twice; a worker has one handler per type"
            )
        self._tasks[task.job_type] = task


def _inside(task: Task, middleware: tuple[Middleware, ...]) -> Task:
    return task._replace(middleware=(*middleware, *task.middleware)) if middleware else task


def _task(
    *,
    job_type: str,
    handler: Callable[..., Any],
    timeout: Duration,
    max_jobs_active: int,
    stream: bool,
    execution: str,
    processes: int | None,
    auto_extend: bool,
    retry_backoff: Duration,
    fetch_variables: Iterable[str] | None,
    tenant_ids: Iterable[str],
    middleware: tuple[Middleware, ...],
) -> Task:
    where = f"task {shown(job_type)}: "
    if not callable(handler):
        raise ConfigurationError(f"{where}the handler must be a function, not {shown(handler)}")
    asynchronous = is_async(handler)
    if not isinstance(execution, str) or execution not in ("auto", "thread", "process"):
        raise ConfigurationError(
            f'{where}execution must be "auto", "thread" or "process", not {shown(execution)}'
        )
    if asynchronous and execution != "auto":
        raise ConfigurationError(
            f'{where}execution="{execution}" is for plain functions; an async one runs in the event loop'
        )
    how = "async" if asynchronous else "thread" if execution == "auto" else execution
    if how == "process":
        importable(handler)
    elif processes is not None:
        raise ConfigurationError(f'{where}processes= goes with execution="process"')
    limit = count(max_jobs_active, f"{where}max_jobs_active")
    size = default_size() if processes is None else count(processes, f"{where}processes")
    parameters = Parameters.of(handler)
    return Task(
        job_type=job_type,
        handler=handler,
        parameters=parameters,
        timeout=_sent_length(timeout, f"{where}timeout", 0.001),
        # Jobs that wait for a process are locked meanwhile: no more than the next one for each.
        max_jobs_active=min(limit, 2 * size) if how == "process" else limit,
        stream=flag(stream, f"{where}stream"),
        execution=how,
        processes=size,
        auto_extend=flag(auto_extend, f"{where}auto_extend"),
        retry_backoff=_sent_length(retry_backoff, f"{where}retry_backoff", 0.0),
        fetch_variables=parameters.fetch_variables
        if fetch_variables is None
        else _texts(fetch_variables, f"{where}fetch_variables"),
        tenant_ids=_texts(tenant_ids, f"{where}tenant_ids"),
        middleware=middleware,
    )


def _check_job_type(job_type: object) -> None:
    if callable(job_type):
        name = getattr(job_type, "__name__", "work")
        raise ConfigurationError(
            f'job_type is missing: write @worker.task("{name}"), with the type that the process model names, above '
            f"def {name}"
        )
    if not isinstance(job_type, str) or not job_type.strip() or not is_sendable(job_type):
        raise ConfigurationError(f"job_type must be a text that is not empty, not {shown(job_type)}")


def _sent_length(value: Duration, name: str, least: float) -> float:
    """The same as ``setting``, of what is sent: no more than 64 bits of milliseconds."""
    exact = setting(value, name, least=least)
    try:
        milliseconds(exact, name)
    except InvalidRequest as error:
        raise ConfigurationError(error.message) from None
    return exact


def count(value: int, name: str) -> int:
    """A number from 1; ConfigurationError naming the argument when it is none."""
    return positive(value, name)


def _texts(values: Iterable[str], name: str) -> tuple[str, ...]:
    return items(values, name, "texts that are not empty", _is_text)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != "" and is_sendable(value)


def _checked(middleware: Iterable[Middleware], name: str) -> tuple[Middleware, ...]:
    what = "coroutine functions `async def m(job, next)`"
    return items(middleware, name, what, lambda each: callable(each) and is_async(each))
