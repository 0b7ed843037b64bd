"""What does not survive the way to REST and back: all of it, each with the reason.

A loss is written as what it makes of a message, so that a message and its echo are equal exactly when both have lost the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.contract.fill import JSON_TEXT
from tests.contract.proto import repeated


def _no_variables(message: Any) -> None:
    """No variables and an empty object are the same to the engine, and one of them is the same as the other in REST."""
    for each in message.DESCRIPTOR.fields:
        if each.name in JSON_TEXT and not (getattr(message, each.name) or "{}").strip("{}"):
            message.ClearField(each.name)


def _process_by_id_or_key(message: Any) -> None:
    """The engine takes the id before the key, and the version only with an id; REST takes one of them."""
    if message.bpmnProcessId:
        message.ClearField("processDefinitionKey")
    else:
        message.ClearField("version")


def _decision_by_id_or_key(message: Any) -> None:
    """The engine takes the id before the key; REST takes one of them."""
    if message.decisionId:
        message.ClearField("decisionKey")


def _wrapper(name: str) -> Callable[[Any], None]:
    def fill_in(message: Any) -> None:
        """REST has no object of this kind: an unset one and an empty one are the same."""
        getattr(message, name).SetInParent()

    return fill_in


def _type_of_result(message: Any) -> None:
    """An unset type means a user task, and REST wants it said."""
    message.type = message.type or "userTask"


def _empty_variable_instructions(message: Any) -> None:
    """They do nothing, and REST refuses them."""
    left = [each for each in message.variableInstructions if json.loads(each.variables or "{}")]
    del message.variableInstructions[:]
    message.variableInstructions.extend(left)


def _move(message: Any) -> None:
    """An ancestor of zero or less means none."""
    _empty_variable_instructions(message)
    if message.ancestorElementInstanceKey <= 0:
        message.ClearField("ancestorElementInstanceKey")


def _key_of_the_command(message: Any) -> None:
    """REST answers without a body."""
    message.ClearField("key")


def _output_of_a_failure(message: Any) -> None:
    """gRPC has no output then; REST says null, which is also what it says for an evaluation without output."""
    if message.failedDecisionId:
        message.ClearField("decisionOutput")
    elif not message.decisionOutput:
        message.decisionOutput = "null"


def _items_of_no_kind(message: Any) -> None:
    """A deployed item of a kind that gRPC has no field for is left out, as the gateway does."""
    left = [each for each in message.deployments if each.WhichOneof("Metadata")]
    del message.deployments[:]
    message.deployments.extend(left)


def _history_is_kept_anyway(message: Any) -> None:
    """False is what a cluster does that has never heard of it: not sent, so that none is too old for it."""
    if not message.deleteHistory:
        message.ClearField("deleteHistory")


#: Message → what it loses.
LOSSES: Mapping[str, Callable[[Any], None]] = {
    "CreateProcessInstanceRequest": _process_by_id_or_key,
    "CreateProcessInstanceWithResultRequest": _wrapper("request"),
    "EvaluateDecisionRequest": _decision_by_id_or_key,
    "MigrateProcessInstanceRequest": _wrapper("migrationPlan"),
    "JobResult": _type_of_result,
    "ModifyProcessInstanceRequest.ActivateInstruction": _empty_variable_instructions,
    "ModifyProcessInstanceRequest.MoveInstruction": _move,
    "SetVariablesResponse": _key_of_the_command,
    "DeleteResourceRequest": _history_is_kept_anyway,
    "EvaluateDecisionResponse": _output_of_a_failure,
    "DeployResourceResponse": _items_of_no_kind,
}


def without_losses(message: Any, losses: Mapping[str, Callable[[Any], None]] = LOSSES) -> Any:
    """A copy of the message that has lost what REST loses."""
    copy = type(message)()
    copy.CopyFrom(message)
    _lose(copy, losses)
    return copy


def _lose(message: Any, losses: Mapping[str, Callable[[Any], None]]) -> None:
    name = message.DESCRIPTOR.full_name.partition(".")[2]
    if name in losses:
        losses[name](message)
    _no_variables(message)
    for each, value in message.ListFields():
        if each.message_type is not None:
            for item in value if repeated(each) else [value]:
                _lose(item, losses)
