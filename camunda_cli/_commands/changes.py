"""``set-variables``, ``resolve``, ``evaluate``, ``evaluate-conditions``, ``delete``."""

from __future__ import annotations

from typing import Any

import click

from camunda_cli._command import command, pass_session
from camunda_cli._commands._options import with_variables
from camunda_cli._commands.instances import for_each
from camunda_cli._exits import Exit
from camunda_cli._kinds import key
from camunda_cli._settings import Session

__all__ = ["delete", "evaluate", "evaluate_conditions", "feel", "resolve", "set_variables"]


@command(name="set-variables")
@click.argument("scope", type=key)
@with_variables
@click.option(
    "--local", is_flag=True, help="They stay in this scope, and do not go up to where they are declared."
)
@pass_session
def set_variables(session: Session, scope: str, variables: dict[str, Any] | None, local: bool) -> None:
    """Set variables of a process instance or of an element instance."""
    if not variables:
        raise click.UsageError("no variables: give --variables or --var")
    with session.client() as client:
        client.set_variables(scope, variables, local=local)
    session.output.done(f"set {', '.join(variables)} of {scope}")


@command(name="resolve")
@click.argument("keys", type=key, nargs=-1, required=True)
@pass_session
def resolve(session: Session, keys: tuple[str, ...]) -> int:
    """Resolve incidents whose cause is gone. A job needs retries first: jobs retries."""
    with session.client() as client:
        return for_each(session, keys, "resolved", client.resolve_incident)


@command(name="evaluate")
@click.argument("decision")
@with_variables
@pass_session
def evaluate(session: Session, decision: str, variables: dict[str, Any] | None) -> int:
    """Evaluate a decision, by its id or key.

    An evaluation that fails is shown, and ends with 1.
    """
    by_key = decision.isdigit()
    with session.client() as client:
        made = client.evaluate_decision(
            None if by_key else decision,
            decision_definition_key=decision if by_key else None,
            variables=variables,
            tenant_id=session.tenant,
        )
    steps = [
        {
            "decision": each.decision_definition_id,
            "rules": ", ".join(str(rule.rule_index) for rule in each.matched_rules),
            "inputs": ", ".join(
                f"{given.input_name or given.input_id} = {given.input_value}"
                for given in each.evaluated_inputs
            ),
            "output": each.output,
        }
        for each in made.evaluated_decisions
    ]
    if session.output.json:
        session.output.value(made)
    else:
        shown = {
            "output": made.output,
            "failed at": made.failed_decision_definition_id,
            "why": made.failure_message,
        }
        session.output.record(shown)
        session.output.table(steps, ["decision", "rules", "inputs", "output"], empty="")
    return Exit.FOUND if made.failure_message else Exit.DONE


@command(name="feel")
@click.argument("expression")
@with_variables
@pass_session
def feel(session: Session, expression: str, variables: dict[str, Any] | None) -> None:
    """Evaluate an expression of FEEL (REST, clusters from 8.9).

    A leading = may be left out.
    """
    text = expression if expression.startswith("=") else f"={expression}"
    with session.client() as client:
        made = client.evaluate_expression(expression=text, variables=variables, tenant_id=session.tenant)
    session.output.record(made)


@command(name="evaluate-conditions")
@with_variables
@click.option("--process-key", type=key, metavar="KEY", help="Of this process definition alone.")
@pass_session
def evaluate_conditions(session: Session, variables: dict[str, Any] | None, process_key: str | None) -> None:
    """Start the processes whose conditions hold (clusters from 8.9)."""
    if not variables:
        raise click.UsageError("no variables: give --variables or --var")
    with session.client() as client:
        made = client.evaluate_conditional(
            variables, process_definition_key=process_key, tenant_id=session.tenant
        )
    columns = ["process_definition_key", "process_instance_key"]
    session.output.table(made.process_instances, columns, empty="no condition holds", data=made)


@command(name="delete")
@click.argument("key", type=key)
@click.option("--history", is_flag=True, help="And what its instances left (clusters from 8.9).")
@pass_session
def delete(session: Session, key: str, history: bool) -> None:
    """Delete a deployed process, decision or form, by its key."""
    with session.client() as client:
        made = client.delete_resource(key, delete_history=history or None)
    session.output.done(f"deleted {key}", made)
