"""How a handler is called: in the event loop, a thread or a process, inside of its middleware."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from functools import lru_cache, partial
from typing import Any, Protocol, TypeAlias

from camunda_core.jobs import ActivatedJob
from camunda_worker._data.parameters import Parameters
from camunda_worker._handlers.importable import reachable
from camunda_worker._handlers.threads import ThreadPool
from camunda_worker._job import Job
from camunda_worker._logs import handling
from camunda_worker._tasks import Middleware, Task

__all__ = ["Invoke", "Pool", "invoker", "pool_for"]

Invoke: TypeAlias = Callable[[Job], Awaitable[Any]]
Call: TypeAlias = Callable[[Job], Coroutine[Any, Any, Any]]


class Pool(Protocol):
    """Where handlers run that would block the event loop."""

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any: ...
    def close(self) -> None: ...


def pool_for(task: Task) -> Pool | None:
    """The task's own pool, sized to its limit; None for a coroutine function."""
    if task.execution == "thread":
        return ThreadPool(task.at_once, task.job_type)
    if task.execution == "process":
        from camunda_worker._handlers.processes import ProcessPool  # few workers have any

        reachable(task.handler)
        return ProcessPool(task.at_once)
    return None


def invoker(task: Task, pool: Pool | None) -> Invoke:
    """The task's handler as one function of the job to await, inside of its middleware."""
    call: Call
    if pool is None:
        call = _in_loop(task)
    elif task.execution == "thread":
        call = _in_thread(task, pool)
    else:
        call = _in_process(task, pool)
    for middleware in reversed(task.middleware):
        call = partial(_through, middleware, call)
    return call


def _in_loop(task: Task) -> Call:
    handler, bind = task.handler, task.parameters.bind

    if inspect.iscoroutinefunction(handler):

        def direct(job: Job) -> Any:
            return handler(**bind(job))

        return direct

    async def call(job: Job) -> Any:
        return await handler(**bind(job))

    return call


def _in_thread(task: Task, pool: Pool) -> Call:
    handler, bind = task.handler, task.parameters.bind

    def handle(job: Job) -> Any:
        return handler(**bind(job))

    async def call(job: Job) -> Any:
        result = await pool.run(handle, job)
        return await result if inspect.isawaitable(result) else result

    return call


def _in_process(task: Task, pool: Pool) -> Call:
    handler = task.handler

    async def call(job: Job) -> Any:
        return await pool.run(handle_there, handler, job.activated)

    return call


def handle_there(handler: Callable[..., Any], activated: ActivatedJob) -> Any:
    """What a process of the pool does with a job."""
    job = Job(activated)
    with handling(job):
        return handler(**_parameters(handler).bind(job))


@lru_cache(maxsize=64)  # a partial that comes over is another one each time
def _parameters(handler: Callable[..., Any]) -> Parameters:
    return Parameters.of(handler)


async def _through(middleware: Middleware, call: Call, job: Job) -> Any:
    return await middleware(job, call)
