"""Commands of several parts in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from camunda_grpc import gateway_pb2 as pb
from tests.scenarios.engine.play import Play

__all__ = ["create_at", "mend", "migrate", "modify"]

_Modify = pb.ModifyProcessInstanceRequest
_Migrate = pb.MigrateProcessInstanceRequest


def create_at(play: Play, process_id: str, *ids: str, variables: str = "{}") -> Any:
    """Creates an instance that starts at those elements."""
    starts = [pb.ProcessInstanceCreationStartInstruction(elementId=id) for id in ids]
    return play.call(
        "CreateProcessInstance",
        bpmnProcessId=process_id,
        version=-1,
        variables=variables,
        startInstructions=starts,
    )


def modify(
    play: Play,
    instance: Any,
    *activate: str,
    terminate: Iterable[int] = (),
    ancestor: int = -1,
    **variables: str,
) -> Any:
    """Activates elements and terminates element instances; ``variables``: documents for the scopes of that id (``_``: all)."""
    documents = [
        _Modify.VariableInstruction(variables=text, scopeId=id.strip("_")) for id, text in variables.items()
    ]
    play.settle()
    return play.call(
        "ModifyProcessInstance",
        processInstanceKey=instance.processInstanceKey,
        activateInstructions=[
            _Modify.ActivateInstruction(
                elementId=id, ancestorElementInstanceKey=ancestor, variableInstructions=documents
            )
            for id in activate
        ],
        terminateInstructions=[_Modify.TerminateInstruction(elementInstanceKey=key) for key in terminate],
    )


def migrate(play: Play, instance: Any, target: Any, **mappings: str) -> Any:
    """Migrates an instance to the first process of a deployment."""
    play.settle()
    plan = _Migrate.MigrationPlan(
        targetProcessDefinitionKey=target.deployments[0].process.processDefinitionKey,
        mappingInstructions=[
            _Migrate.MappingInstruction(sourceElementId=source, targetElementId=to)
            for source, to in mappings.items()
        ],
    )
    return play.call(
        "MigrateProcessInstance", processInstanceKey=instance.processInstanceKey, migrationPlan=plan
    )


def mend(play: Play, scope: int, **variables: Any) -> None:
    """Resolves the newest incident, in vain; then again with those variables set."""
    play.settle()
    play.resolve(play.incident())
    play.set_variables(scope, **variables)
    play.resolve(play.incident())
