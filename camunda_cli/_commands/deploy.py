"""``deploy``: files and folders to the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from camunda_cli._command import command, pass_session
from camunda_cli._exits import Exit, exit_of
from camunda_cli._output import Column
from camunda_cli._settings import Session
from camunda_core.errors import CamundaError, ConfigurationError, InvalidRequest
from camunda_rest._commands.resources import SUFFIXES, read_resources

__all__ = ["deploy"]

_COLUMNS: Sequence[Column | str] = ["file", "kind", "id", "version", Column("key", whole=True), "new"]

#: Milliseconds after which the watcher reports that nothing has changed.
_LOOK = 500


@command(name="deploy")
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--each", is_flag=True, help="One deployment for each file: the good ones are there, the bad ones named."
)
@click.option("--watch", is_flag=True, help="And again whenever one of them changes, until Ctrl-C.")
@pass_session
def deploy(session: Session, paths: tuple[str, ...], each: bool, watch: bool) -> int:
    """Deploy processes, decisions and forms.

    PATHS are files, folders (their .bpmn, .dmn and .form files, and those of folders inside), or patterns. All are
    one deployment, of which everything or nothing is there afterwards; with --each every file is its own. "new" tells
    what has a new version: a file that is there already, byte for byte, keeps its own.
    """
    if watch:
        return _again_and_again(session, paths, each)
    return _once(session, paths, each)


def _again_and_again(session: Session, paths: tuple[str, ...], each: bool) -> int:
    try:
        from watchfiles import watch
    except ModuleNotFoundError:
        raise ConfigurationError("--watch needs watchfiles: pip install 'camunda-bridge[cli]'") from None
    places = [path for path in paths if Path(path).exists()]
    if len(places) < len(paths):
        raise InvalidRequest("--watch takes files and folders, no patterns")
    begun = False
    watching = watch(
        *places,
        watch_filter=lambda change, path: path.endswith(SUFFIXES),
        rust_timeout=_LOOK,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    with closing(watching):  # Ctrl-C may come outside of it, and it has a thread of its own
        for changes in watching:
            if changes or not begun:  # the first is empty, and comes when changes are seen: none is missed
                _shown(session, paths, each)
            if not begun:
                session.output.note("watching; Ctrl-C ends it")
                begun = True
    return Exit.DONE


def _shown(session: Session, paths: tuple[str, ...], each: bool) -> None:
    """A deployment whose failure is shown, since the next change may mend it."""
    try:
        _once(session, paths, each)
    except CamundaError as error:
        session.output.error(f"{type(error).__name__}: {error}")


def _once(session: Session, paths: tuple[str, ...], each: bool) -> int:
    files = read_resources(paths, "DeployResource")
    bundles = [[file] for file in files] if each else [files]
    rows: list[dict[str, Any]] = []
    failed: list[tuple[str, CamundaError]] = []
    with session.client() as client, session.output.progress("deploying", len(files)) as step:
        for bundle in bundles:
            named = ", ".join(name for name, _ in bundle)
            try:
                made = client.deploy_resource(*bundle, tenant_id=session.tenant)
            except CamundaError as error:
                if not each:
                    raise
                failed.append((named, error))
            else:
                rows += rows_of(made)
            for name, _ in bundle:
                step(name)
    failures = [{"file": name, "type": type(why).__name__, "message": why.message} for name, why in failed]
    if session.output.json:
        session.output.value({"deployed": rows, "failed": failures})
    else:
        session.output.table(rows, _COLUMNS, empty="nothing was deployed")
    for name, why in failed:
        session.output.error(f"{name}: {type(why).__name__}: {why.message}")
    if not failed:
        return Exit.DONE
    return Exit.FOUND if rows else exit_of(failed[0][1]) or Exit.FAILED


def rows_of(made: Any) -> list[dict[str, Any]]:
    """What a deployment brought, a row for each process, decision and form."""
    kinds = [
        (
            "process",
            made.processes,
            "process_definition_id",
            "process_definition_version",
            "process_definition_key",
        ),
        ("decision", made.decisions, "decision_definition_id", "version", "decision_definition_key"),
        (
            "requirements",
            made.decision_requirements,
            "decision_requirements_id",
            "version",
            "decision_requirements_key",
        ),
        ("form", made.forms, "form_id", "version", "form_key"),
        ("resource", made.resources, "resource_id", "version", "resource_key"),
    ]
    return [
        {
            "file": getattr(item, "resource_name", ""),
            "kind": kind,
            "id": getattr(item, id_name),
            "version": getattr(item, version),
            "key": getattr(item, key),
            # Keys only grow, and a deployment takes its own before those of what it brings.
            "new": int(getattr(item, key)) > int(made.deployment_key),
        }
        for kind, items, id_name, version, key in kinds
        for item in items
    ]
