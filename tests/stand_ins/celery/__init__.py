"""Stands in for Celery when the docs are run: a task has a forked process of its own, as a prefork pool may give it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

from celery import signals

__all__ = ["Celery"]


class Celery:
    """An application; the broker is never connected to."""

    def __init__(self, name: str, *, broker: str) -> None:
        self.name = name

    def task(self, function: Callable[..., Any]) -> Task:
        return Task(function)


class Task:
    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def delay(self, *arguments: Any) -> Result:
        return Result(self.function, arguments)


class Result:
    """A task that runs in a child."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        fork = multiprocessing.get_context("fork")
        self._answer, child = fork.Pipe(duplex=False)
        self._process = fork.Process(target=_run, args=(child, function, arguments))
        self._process.start()

    def get(self, timeout: float) -> Any:
        if not self._answer.poll(timeout):
            raise TimeoutError
        value = self._answer.recv()
        self._process.join(timeout)
        if self._process.exitcode != 0:
            raise RuntimeError(f"the child ended with {self._process.exitcode}")
        return value


def _run(answer: Any, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    signals.worker_process_init.send()
    value = function(*arguments)
    signals.worker_process_shutdown.send()
    answer.send(value)
