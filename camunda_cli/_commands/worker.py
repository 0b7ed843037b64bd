"""``worker``: runs a worker of a program, and starts it again when a file has changed."""

from __future__ import annotations

import os
import shlex
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from camunda_cli._command import command, pass_session
from camunda_cli._settings import Session
from camunda_core.errors import ConfigurationError

__all__ = ["worker"]

#: Seconds that a worker has to come to rest before it is started again.
_REST = 60


@command(name="worker")
@click.argument("place", metavar="MODULE:WORKER")
@click.option("--reload", is_flag=True, help="Start it again when a Python file of this folder has changed.")
@pass_session
def worker(session: Session, place: str, reload: bool) -> int:
    """Run a worker: MODULE:WORKER is where it is, "shop.workers:worker".

    WORKER is a camunda_worker.Worker, a function that makes one (of a client, where it takes one), or a Router, whose
    tasks are then worked off with the settings of this command line. SIGTERM or Ctrl-C ends it in order.
    """
    if reload:
        return _again_and_again(session)
    import logging

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    found = _found(place)
    from camunda_worker import Router, Worker

    if isinstance(found, Router) and not isinstance(found, Worker):
        with session.client() as client:
            made = Worker(client)
            made.include(found)
            made.run()
        return 0
    if callable(found) and not isinstance(found, Worker):
        import inspect

        if inspect.signature(found).parameters:
            with session.client() as client:
                _checked(found(client), place).run()
            return 0
        found = found()
    _checked(found, place).run()
    return 0


def _checked(found: Any, place: str) -> Any:
    from camunda_worker import Worker

    if not isinstance(found, Worker):
        raise ConfigurationError(
            f"{place} is no worker, no function that makes one, and no router: {type(found).__name__}"
        )
    return found


def _found(place: str) -> Any:
    module, _, attribute = place.partition(":")
    if not module or not attribute:
        raise click.BadParameter(
            f"{place!r} must be MODULE:WORKER, like shop.workers:worker", param_hint="MODULE:WORKER"
        )
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not (module == error.name or module.startswith(f"{error.name}.")):
            raise
        raise ConfigurationError(
            f"{place}: there is no module {error.name} in {folder} or where Python looks"
        ) from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise ConfigurationError(f"{place}: {module} has no {attribute}")
        found = getattr(found, part)
    return found


def _again_and_again(session: Session) -> int:
    try:
        from watchfiles import PythonFilter, run_process
    except ModuleNotFoundError:
        raise ConfigurationError("--reload needs watchfiles: pip install 'camunda-bridge[cli]'") from None
    arguments = [each for each in session.arguments_given if each != "--reload"]
    line = shlex.join([sys.executable, "-m", "camunda_cli", *arguments])
    session.output.note(f"watching {Path.cwd()}; Ctrl-C ends it")
    run_process(
        Path.cwd(),
        target=line,
        target_type="command",
        watch_filter=PythonFilter(),
        callback=lambda changes: session.output.note(
            f"{', '.join(sorted({Path(path).name for _, path in changes}))} changed: starting again"
        ),
        sigint_timeout=_REST,
    )
    return 0
