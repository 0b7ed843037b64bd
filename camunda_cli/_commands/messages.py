"""``publish``, ``correlate``, ``broadcast``."""

from __future__ import annotations

from typing import Any

import click

from camunda_cli._command import command, pass_session
from camunda_cli._commands._options import with_variables
from camunda_cli._kinds import duration
from camunda_cli._settings import Session

__all__ = ["broadcast", "correlate", "publish"]


@command(name="publish")
@click.argument("name")
@click.option(
    "--correlation-key", default="", metavar="TEXT", help="Whom it is for; none means start events."
)
@click.option(
    "--ttl", type=duration, default=0.0, metavar="TIME", help="How long it waits for a subscription (0)."
)
@click.option("--message-id", metavar="ID", help="While one with this id waits, no other is taken.")
@with_variables
@pass_session
def publish(
    session: Session,
    name: str,
    correlation_key: str,
    ttl: float,
    message_id: str | None,
    variables: dict[str, Any] | None,
) -> None:
    """Publish a message."""
    with session.client() as client:
        made = client.publish_message(
            name,
            correlation_key=correlation_key,
            time_to_live=ttl,
            message_id=message_id,
            variables=variables,
            tenant_id=session.tenant,
        )
    session.output.record(made)


@command(name="correlate")
@click.argument("name")
@click.option("--correlation-key", metavar="TEXT", help="Whom it is for; none means start events.")
@with_variables
@pass_session
def correlate(
    session: Session, name: str, correlation_key: str | None, variables: dict[str, Any] | None
) -> None:
    """Correlate a message at once, and tell with what (REST).

    Where nobody waits for it, that is the error, and the message is not kept.
    """
    with session.client() as client:
        made = client.correlate_message(
            name=name, correlation_key=correlation_key, variables=variables, tenant_id=session.tenant
        )
    session.output.record(made)


@command(name="broadcast")
@click.argument("signal")
@with_variables
@pass_session
def broadcast(session: Session, signal: str, variables: dict[str, Any] | None) -> None:
    """Broadcast a signal."""
    with session.client() as client:
        made = client.broadcast_signal(signal, variables=variables, tenant_id=session.tenant)
    session.output.record(made)
