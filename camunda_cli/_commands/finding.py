"""What is there: ``instances``, ``incidents``, ``tasks``, ``variables``, ``definitions``."""

from __future__ import annotations

from typing import Any

import click

from camunda_cli._command import group, pass_session
from camunda_cli._commands._options import with_variables
from camunda_cli._commands._searching import getting, searching
from camunda_cli._exits import Exit
from camunda_cli._kinds import duration, key
from camunda_cli._output import Column, jsonable
from camunda_cli._settings import Session

__all__ = ["definitions", "incidents", "instances", "tasks", "variables"]

_INSTANCE = Column("process_instance_key", "instance", whole=True)


@group(name="instances")
def instances() -> None:
    """Process instances: search, get."""


searching(
    instances,
    "process instances",
    method="search_process_instances",
    columns=[
        Column("process_instance_key", "key", whole=True),
        Column("process_definition_id", "process"),
        Column("process_definition_version", "version"),
        "state",
        Column("has_incident", "incident"),
        Column("start_date", "started"),
        Column("end_date", "ended"),
    ],
    filters={
        "process_definition_id": "--process",
        "process_definition_version": "--process-version",
        "process_definition_key": "--definition",
        "state": "--state",
        "parent_process_instance_key": "--parent",
        "error_message": "--error",
        "business_id": "--business-id",
    },
    query={"has_incident": ("--incident", "Those with an incident.")},
)


@instances.command(name="get")
@click.argument("key", type=key)
@click.option("--variables", "with_them", is_flag=True, help="With its variables.")
@click.option("--wait", type=duration, metavar="TIME", help="Ask again while it is not there, so long.")
@pass_session
def get_instance(session: Session, key: str, with_them: bool, wait: float | None) -> None:
    """One process instance, by its key (REST, clusters from 8.8)."""
    with session.client() as client:
        found = client.get_process_instance(key, wait=wait)
        its = client.get_variables(key) if with_them else None
    if its is None:
        session.output.record(found)
        return
    session.output.record(found, data={**jsonable(found), "variables": its})
    if not session.output.json:
        session.output.line()
        session.output.record(its)


@group(name="incidents")
def incidents() -> None:
    """Incidents: search, get. Resolve them with: resolve."""


searching(
    incidents,
    "incidents",
    method="search_incidents",
    columns=[
        Column("incident_key", "key", whole=True),
        Column("error_type", "type"),
        "state",
        _INSTANCE,
        Column("element_id", "element"),
        Column("job_key", "job", whole=True),
        Column("error_message", "message"),
    ],
    filters={
        "state": "--state",
        "error_type": "--type",
        "process_instance_key": "--instance",
        "process_definition_id": "--process",
        "error_message": "--message",
    },
)
getting(incidents, "incident", "get_incident")


@group(name="tasks")
def tasks() -> None:
    """User tasks: search, get, form, complete, assign, unassign."""


searching(
    tasks,
    "user tasks",
    method="search_user_tasks",
    columns=[
        Column("user_task_key", "key", whole=True),
        "name",
        Column("element_id", "element"),
        "state",
        "assignee",
        _INSTANCE,
        Column("due_date", "due"),
        "priority",
    ],
    filters={
        "state": "--state",
        "assignee": "--assignee",
        "candidate_group": "--group",
        "candidate_user": "--user",
        "process_instance_key": "--instance",
        "process_definition_id": "--process",
        "element_id": "--element",
    },
)
getting(tasks, "user task", "get_user_task")


@tasks.command(name="complete")
@click.argument("key", type=key)
@with_variables
@pass_session
def complete(session: Session, key: str, variables: dict[str, Any] | None) -> None:
    """Complete a user task (REST)."""
    with session.client() as client:
        client.complete_user_task(key, variables=variables)
    session.output.done(f"completed {key}")


@tasks.command(name="form")
@click.argument("key", type=key)
@pass_session
def form(session: Session, key: str) -> int:
    """The form of a user task (REST, clusters from 8.8)."""
    with session.client() as client:
        found = client.get_user_task_form(key)
    if found is None:
        session.output.error(
            f"user task {key} has no form", {"type": "NotFound", "message": "it has no form"}
        )
        return Exit.NOT_THERE
    session.output.record(found)
    return Exit.DONE


@tasks.command(name="assign")
@click.argument("key", type=key)
@click.argument("assignee")
@click.option("--keep", is_flag=True, help="Refuse where somebody has it already.")
@pass_session
def assign(session: Session, key: str, assignee: str, keep: bool) -> None:
    """Assign a user task to somebody (REST)."""
    with session.client() as client:
        client.assign_user_task(key, assignee=assignee, allow_override=not keep)
    session.output.done(f"assigned {key} to {assignee}")


@tasks.command(name="unassign")
@click.argument("key", type=key)
@pass_session
def unassign(session: Session, key: str) -> None:
    """Take a user task from whoever has it (REST)."""
    with session.client() as client:
        client.unassign_user_task(key)
    session.output.done(f"unassigned {key}")


@group(name="variables")
def variables() -> None:
    """Variables: search, get. Set them with: set-variables."""


searching(
    variables,
    "variables",
    method="search_variables",
    columns=[
        "name",
        "value",
        Column("is_truncated", "cut"),
        _INSTANCE,
        Column("scope_key", "scope", whole=True),
        Column("variable_key", "key", whole=True),
    ],
    filters={
        "name": "--name",
        "value": "--value",
        "process_instance_key": "--instance",
        "scope_key": "--scope",
    },
    query={"truncate_values": ("--full", "Values whole, however long.")},
)
getting(variables, "variable", "get_variable")


@group(name="definitions")
def definitions() -> None:
    """Process definitions: search, get, xml."""


searching(
    definitions,
    "process definitions",
    method="search_process_definitions",
    columns=[
        Column("process_definition_key", "key", whole=True),
        Column("process_definition_id", "process"),
        "name",
        "version",
        Column("version_tag", "tag"),
        Column("resource_name", "file"),
    ],
    filters={
        "process_definition_id": "--process",
        "name": "--name",
        "version": "--process-version",
        "version_tag": "--tag",
    },
    query={"is_latest_version": ("--latest", "The latest version of each.")},
)
getting(definitions, "process definition", "get_process_definition")


@definitions.command(name="xml")
@click.argument("key", type=key)
@pass_session
def xml(session: Session, key: str) -> None:
    """The BPMN of a process definition, as it was deployed (REST, clusters from 8.8)."""
    with session.client() as client:
        found = client.get_process_definition_xml(key)
    if session.output.json:
        session.output.value({"xml": found})
    else:
        session.output.raw(str(found))
