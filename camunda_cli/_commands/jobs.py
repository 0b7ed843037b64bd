"""``jobs``: activate, complete, fail, throw, retries, lock, tail, search."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import click

from camunda_cli._command import group, pass_session
from camunda_cli._commands._options import with_variables
from camunda_cli._commands._searching import searching
from camunda_cli._kinds import duration, key
from camunda_cli._output import Column, shown
from camunda_cli._settings import Session

__all__ = ["jobs"]

_COLUMNS: Sequence[Column | str] = [
    Column("job_key", "key", whole=True),
    "type",
    Column("process_instance_key", "instance", whole=True),
    Column("process_definition_id", "process"),
    Column("element_id", "element"),
    "retries",
    "variables",
]


@group(name="jobs")
def jobs() -> None:
    """Take jobs, answer them, watch them come."""


@jobs.command(name="activate")
@click.argument("type")
@click.option("--max", "most", type=int, default=10, show_default=True, metavar="N", help="How many at most.")
@click.option("--lock", type=duration, default=300.0, metavar="TIME", help="For how long they are ours (5m).")
@click.option(
    "--wait", type=duration, default=0.0, metavar="TIME", help="How long to wait for the first (0)."
)
@click.option("--worker", default="camunda-bridge", show_default=True, metavar="NAME", help="Who takes them.")
@click.option(
    "--fetch", multiple=True, metavar="NAME", help="Of the variables those; all where none is named."
)
@pass_session
def activate(
    session: Session, type: str, most: int, lock: float, wait: float, worker: str, fetch: tuple[str, ...]
) -> None:
    """Take jobs of a type: nobody else gets them while the lock lasts."""
    with session.client() as client:
        found = client.activate_jobs(
            type,
            max_jobs_to_activate=most,
            job_timeout=lock,
            request_timeout=wait,
            worker=worker,
            fetch_variable=fetch or None,
            tenant_ids=[session.tenant] if session.tenant else None,
        )
    session.output.table(found, _COLUMNS, empty=f"no jobs of type {type}")


@jobs.command(name="complete")
@click.argument("job", type=key)
@with_variables
@pass_session
def complete(session: Session, job: str, variables: dict[str, Any] | None) -> None:
    """Complete a job."""
    with session.client() as client:
        client.complete_job(job, variables)
    session.output.done(f"completed {job}")


@jobs.command(name="fail")
@click.argument("job", type=key)
@click.option(
    "--retries", type=int, required=True, metavar="N", help="How many are left; 0 raises an incident."
)
@click.option("--message", metavar="TEXT", help="Why.")
@click.option("--back-off", type=duration, default=0.0, metavar="TIME", help="When it is tried again (0).")
@with_variables
@pass_session
def fail(
    session: Session,
    job: str,
    retries: int,
    message: str | None,
    back_off: float,
    variables: dict[str, Any] | None,
) -> None:
    """Fail a job."""
    with session.client() as client:
        client.fail_job(
            job, retries=retries, error_message=message, retry_back_off=back_off, variables=variables
        )
    session.output.done(f"failed {job}, {retries} retries left")


@jobs.command(name="throw")
@click.argument("job", type=key)
@click.argument("code")
@click.option("--message", metavar="TEXT", help="Why.")
@with_variables
@pass_session
def throw(
    session: Session, job: str, code: str, message: str | None, variables: dict[str, Any] | None
) -> None:
    """Throw a BPMN error from a job."""
    with session.client() as client:
        client.throw_error(job, code, error_message=message, variables=variables)
    session.output.done(f"threw {code} from {job}")


@jobs.command(name="retries")
@click.argument("job", type=key)
@click.argument("retries", type=int)
@pass_session
def retries(session: Session, job: str, retries: int) -> None:
    """Give a job retries again; its incident can be resolved then."""
    with session.client() as client:
        client.update_job_retries(job, retries)
    session.output.done(f"{job} has {retries} retries")


@jobs.command(name="lock")
@click.argument("job", type=key)
@click.argument("time", type=duration)
@pass_session
def lock(session: Session, job: str, time: float) -> None:
    """Lock an activated job for so long from now."""
    with session.client() as client:
        client.update_job_timeout(job, time)
    session.output.done(f"{job} is locked for {time:g} s")


@jobs.command(name="tail")
@click.argument("type")
@click.option("--lock", type=duration, default=10.0, metavar="TIME", help="For how long each is ours (10s).")
@click.option("--count", type=int, metavar="N", help="End after so many.")
@click.option("--for", "time", type=duration, metavar="TIME", help="End after this time.")
@click.option("--complete", is_flag=True, help="Complete each.")
@with_variables
@pass_session
def tail(
    session: Session,
    type: str,
    lock: float,
    count: int | None,
    time: float | None,
    complete: bool,
    variables: dict[str, Any] | None,
) -> None:
    """Show jobs of a type as they come, until Ctrl-C.

    To see a job is to take it: workers get it when the lock is over, unless --complete completes it here, with the
    variables that are given.
    """
    if variables is not None and not complete:
        raise click.UsageError("variables are what jobs are completed with: add --complete")
    from camunda_core.errors import DeadlineExceeded

    with (
        session.client() as client,
        client.stream_activated_jobs(
            type,
            job_timeout=lock,
            worker="camunda-bridge",
            tenant_ids=[session.tenant] if session.tenant else None,
            timeout=time,
        ) as stream,
    ):
        session.output.note(f"jobs of type {type}, each locked for {lock:g} s; Ctrl-C ends it")
        try:
            for job in itertools.islice(stream, count):
                if complete:
                    client.complete_job(job.job_key, variables)
                session.output.event(
                    job,
                    f"{job.job_key}  {job.process_definition_id}  {job.process_instance_key}  {job.element_id}  "
                    f"{shown(job.variables)}",
                )
        except DeadlineExceeded:
            if time is None:
                raise


@jobs.command(name="handle")
@click.argument("type")
@click.option("--handler", required=True, metavar="COMMAND", help="What is run for each job.")
@click.option("--max", "most", type=int, default=4, show_default=True, metavar="N", help="How many at once.")
@click.option("--lock", type=duration, default=300.0, metavar="TIME", help="For how long each is ours (5m).")
@pass_session
def handle(session: Session, type: str, handler: str, most: int, lock: float) -> None:
    """Run a program for each job of a type, until SIGTERM or Ctrl-C.

    It gets the variables as JSON on standard input, and JOB_KEY, JOB_TYPE and JOB_RETRIES in its environment. What it
    prints is the result, a JSON object, or nothing; an exit code that is not 0 fails the job with one retry less.
    """
    from camunda_cli._commands._program import handle_with
    from camunda_worker import Worker

    with session.client() as client:
        worker = Worker(client)
        worker.task(type, timeout=lock, max_jobs_active=most)(handle_with(session, handler))
        session.output.note(f"jobs of type {type} are handled by {handler}; Ctrl-C ends it")
        worker.run()


searching(
    jobs,
    "jobs",
    method="search_jobs",
    columns=[
        Column("job_key", "key", whole=True),
        "type",
        "state",
        "retries",
        Column("process_instance_key", "instance", whole=True),
        Column("element_id", "element"),
        "worker",
        Column("error_message", "error"),
    ],
    filters={
        "type": "--type",
        "state": "--state",
        "process_instance_key": "--instance",
        "process_definition_id": "--process",
        "worker": "--worker",
    },
)
