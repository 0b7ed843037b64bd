"""Process instances: ``start``, ``cancel``, ``modify``, ``migrate``."""

from __future__ import annotations

from typing import Any

import click

from camunda_cli._command import command, pass_session
from camunda_cli._commands._options import process_of, with_variables
from camunda_cli._exits import Exit, exit_of
from camunda_cli._kinds import duration, json_object, key, pair
from camunda_cli._settings import Session
from camunda_core.errors import CamundaError

__all__ = ["cancel", "migrate", "modify", "run", "start"]


@command(name="start")
@click.argument("process")
@click.option("--process-version", type=int, metavar="N", help="Its version; the latest where none is given.")
@with_variables
@click.option("--await", "awaited", is_flag=True, help="Wait for its end, and show its variables.")
@click.option("--wait", "wait", type=duration, metavar="TIME", help="How long the gateway waits for its end.")
@click.option(
    "--fetch", multiple=True, metavar="NAME", help="Of its variables those; all where none is named."
)
@click.option("--at", "elements", multiple=True, metavar="ELEMENT", help="Start at this element.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag (clusters from 8.8).")
@click.option("--business-id", metavar="ID", help="A business id (clusters from 8.9).")
@pass_session
def start(
    session: Session,
    process: str,
    process_version: int | None,
    variables: dict[str, Any] | None,
    awaited: bool,
    wait: float | None,
    fetch: tuple[str, ...],
    elements: tuple[str, ...],
    tags: tuple[str, ...],
    business_id: str | None,
) -> None:
    """Start a process, by its id or key."""
    if not awaited and (wait is not None or fetch):
        raise click.UsageError("--wait and --fetch are about the result: add --await")
    import bridge

    given: dict[str, Any] = {
        **process_of(process),
        "process_definition_version": process_version,
        "variables": variables,
        "start_instructions": [bridge.models.StartInstruction(each) for each in elements] or None,
        "tags": tags or None,
        "business_id": business_id,
        "tenant_id": session.tenant,
    }
    with session.client() as client:
        if awaited:
            result: Any = client.create_process_instance_with_result(
                **given, request_timeout=wait, fetch_variables=fetch or None
            )
        else:
            result = client.create_process_instance(**given)
    session.output.record(result)


@command(name="run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@with_variables
@pass_session
def run(session: Session, file: str, variables: dict[str, Any] | None) -> None:
    """Deploy a file and start the process in it."""
    with session.client() as client:
        made = client.deploy_resource(file, tenant_id=session.tenant)
        if not made.processes:
            raise click.UsageError(f"{file} has no process to start; it is deployed")
        first = made.processes[0]
        if len(made.processes) > 1:
            session.output.note(
                f"{file} has {len(made.processes)} processes: {first.process_definition_id} is started"
            )
        started = client.create_process_instance(
            process_definition_key=first.process_definition_key, variables=variables, tenant_id=session.tenant
        )
    session.output.record(started)


@command(name="cancel")
@click.argument("keys", type=key, nargs=-1, required=True)
@pass_session
def cancel(session: Session, keys: tuple[str, ...]) -> int:
    """Cancel process instances.

    All of KEYS are tried; the exit code is that of the first that could not be cancelled.
    """
    with session.client() as client:
        return for_each(session, keys, "cancelled", client.cancel_process_instance)


def for_each(session: Session, keys: tuple[str, ...], word: str, do: Any) -> int:
    """Does something for each key, and tells of each; the code of the first failure."""
    code, rows = Exit.DONE, []
    for each in keys:
        try:
            do(each)
        except CamundaError as error:
            code = code or exit_of(error) or Exit.FAILED
            rows.append({"key": each, "state": "failed", "error": error.message})
            if not session.output.json:
                session.output.error(f"{each}: {type(error).__name__}: {error.message}")
        else:
            rows.append({"key": each, "state": word})
            if not session.output.json:
                session.output.line(f"{word} {each}")
    if session.output.json:
        session.output.value(rows)
    return code


@command(name="modify")
@click.argument("instance", type=key)
@click.option("--activate", multiple=True, metavar="ELEMENT", help="Activate an element.")
@click.option("--inside", type=key, metavar="KEY", help="The element instance that it is activated in.")
@click.option("--variables", type=json_object, metavar="JSON", help="Variables that are set on activation.")
@click.option("--terminate", multiple=True, metavar="KEY", help="Terminate an element instance.")
@click.option(
    "--move", multiple=True, metavar="FROM:TO", help="Terminate one element, activate another (from 8.9)."
)
@pass_session
def modify(
    session: Session,
    instance: str,
    activate: tuple[str, ...],
    inside: str | None,
    variables: dict[str, Any] | None,
    terminate: tuple[str, ...],
    move: tuple[str, ...],
) -> None:
    """Activate, terminate and move elements of a process instance."""
    if not (activate or terminate or move):
        raise click.UsageError("nothing to do: give --activate, --terminate or --move")
    if variables is not None and not (activate or move):
        raise click.UsageError("--variables are set on activation: add --activate or --move")
    if inside is not None and not activate:
        raise click.UsageError("--inside is about --activate: add it")
    from bridge import models

    set_on = [models.VariableInstruction(variables)] if variables else []
    with session.client() as client:
        client.modify_process_instance(
            instance,
            activate_instructions=[
                models.ActivateInstruction(each, set_on, ancestor_element_instance_key=inside)
                for each in activate
            ]
            or None,
            terminate_instructions=[_terminated(each) for each in terminate] or None,
            move_instructions=[
                models.MoveInstruction(models.ByElementId(source), target, set_on)
                for source, target in (pair(each, "--move", ":") for each in move)
            ]
            or None,
        )
    session.output.done(f"modified {instance}")


def _terminated(what: str) -> Any:
    from bridge import models

    if what.isdigit():
        return models.TerminateInstruction(element_instance_key=what)
    return models.TerminateInstruction(element_id=what)


@command(name="migrate")
@click.argument("instance", type=key)
@click.option(
    "--to", "target", type=key, required=True, metavar="KEY", help="The process definition it goes on in."
)
@click.option(
    "--map",
    "mappings",
    multiple=True,
    required=True,
    metavar="FROM:TO",
    help="What goes on where; one or more.",
)
@pass_session
def migrate(session: Session, instance: str, target: str, mappings: tuple[str, ...]) -> None:
    """Have a process instance go on in another process definition."""
    from bridge import models

    instructions = [models.MappingInstruction(*pair(each, "--map", ":")) for each in mappings]
    with session.client() as client:
        client.migrate_process_instance(instance, target, instructions)
    session.output.done(f"migrated {instance} to {target}")
