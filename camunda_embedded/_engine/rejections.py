"""How commands are refused: one table of texts, and the one mapping from rejection types to errors."""

from __future__ import annotations

from typing import Any

from camunda_core import errors

__all__ = ["Line", "Rejected", "error_of", "reject"]

#: A line of the engine: (8, 6).
Line = tuple[int, int]

NOT_FOUND = "NOT_FOUND"
INVALID_STATE = "INVALID_STATE"
INVALID_ARGUMENT = "INVALID_ARGUMENT"
ALREADY_EXISTS = "ALREADY_EXISTS"

_MIGRATE = "Expected to migrate process instance '{instance}' but "
_MODIFY = "Expected to modify instance of process '{process}' but it contains one or more "

#: Name of the refusal: its type and its text.
TEXTS: dict[str, tuple[str, str]] = {
    "complete.missing": (NOT_FOUND, "Expected to complete job with key '{key}', but no such job was found"),
    "complete.state": (INVALID_STATE, "Expected to complete job with key '{key}', but it is in state '{state}'"),
    "fail.missing": (NOT_FOUND, "Expected to fail job with key '{key}', but no such job was found"),
    "fail.state": (INVALID_STATE, "Expected to fail job with key '{key}', but it is in state '{state}'"),
    "throw.missing": (NOT_FOUND, "Expected to throw an error for job with key '{key}', but no such job was found"),
    "throw.state": (INVALID_STATE, "Expected to throw an error for job with key '{key}', but it is in state '{state}'"),
    "throw.listener": (INVALID_STATE, "Cannot throw BPMN error from {kind} job with key '{key}', type '{type}' and "
        "processInstanceKey '{instance}'"),
    "update.missing": (NOT_FOUND, "Expected to update job with key '{key}', but no such job was found"),
    "user_task.missing": (NOT_FOUND, "Expected to {verb} user task with key '{key}', but no such user task was found"),
    "user_task.state": (INVALID_STATE, "Expected to {verb} user task with key '{key}', but it is in state '{state}'"),
    "user_task.claimed": (INVALID_STATE, "Expected to claim user task with key '{key}', but it has already been "
        "assigned"),
    "user_task.denied": (INVALID_STATE, "{what} of the User Task with key '{key}' was denied by Task Listener. Reason to "
        "deny: '{reason}'"),
    "listener.variables": (INVALID_ARGUMENT, "Task Listener job completion with variables payload provided is not yet "
        "supported (job key '{key}', type '{type}', processInstanceKey '{instance}')"),
    "listener.certain": (INVALID_ARGUMENT, "Expected to complete a task listener job for '{event}' without denying, which this "
        "event cannot be, but it was denied (job key '{key}', type '{type}', processInstanceKey '{instance}')"),
    "listener.corrections": (INVALID_ARGUMENT, "Expected to complete a task listener job with either corrections or a denial, "
        "but both were given (job key '{key}', type '{type}', processInstanceKey '{instance}')"),
    "listener.priority": (INVALID_ARGUMENT, "Expected a corrected priority in the range [0,100], but it was '{priority}' (job "
        "key '{key}', type '{type}', processInstanceKey '{instance}')"),
    "listener.assignee": (INVALID_ARGUMENT, "Expected to complete a task listener job for 'creating' without correcting the "
        "assignee, whom the process says already, but it was corrected (job key '{key}', type '{type}', processInstanceKey "
        "'{instance}')"),
    "retries.amount": (INVALID_ARGUMENT, "Expected to update retries for job with key '{key}' with a positive amount "
        "of retries, but the amount given was '{retries}'"),
    "timeout.inactive": (INVALID_STATE, "Expected to update the timeout of job with key '{key}', but it is not active"),
    "update.inactive": (INVALID_ARGUMENT, "Expected to update the timeout of job with key '{key}', but it is not "
        "active"),
    "activate.type": (INVALID_ARGUMENT, "Expected to activate job batch with type to be present, but it was blank"),
    "activate.timeout": (INVALID_ARGUMENT, "Expected to activate job batch with timeout to be greater than zero, but "
        "it was '{timeout}'"),
    "incident.missing": (NOT_FOUND, "Expected to resolve incident with key '{key}', but no such incident was found"),
    "incident.retries": (NOT_FOUND, "Expected to resolve incident with key '{key}', but job with key '{job}' has no "
        "retries left. Please update the job retries and retry resolving the incident"),
    "cancel.missing": (NOT_FOUND, "Expected to cancel a process instance with key '{key}', but no such process was "
        "found"),
    "cancel.child": (INVALID_STATE, "Expected to cancel a process instance with key '{key}', but it is created by a "
        "parent process instance. Cancel the root process instance '{root}' instead."),
    "variables.missing": (NOT_FOUND, "Expected to update variables for element with key '{key}', but no such element "
        "was found"),
    "create.id": (NOT_FOUND, "Expected to find process definition with process ID '{id}', but none found"),
    "create.version": (NOT_FOUND, "Expected to find process definition with process ID '{id}' and version "
        "'{version}', but none found"),
    "create.key": (NOT_FOUND, "Expected to find process definition with key '{key}', but none found"),
    "create.nothing": (INVALID_ARGUMENT, "Expected at least a bpmnProcessId or a key greater than -1, but none given"),
    "create.start": (INVALID_STATE, "Expected to create instance of process with none start event, but there is no "
        "such event"),
    "create.element": (INVALID_ARGUMENT, "Expected to create instance of process with start instructions but no "
        "element found with id '{id}'."),
    "create.unsupported": (INVALID_ARGUMENT, "Expected to create instance of process with start instructions but the "
        "element with id '{id}' targets unsupported element type '{type}'. Supported element types are: {types}"),
    "create.loop": (INVALID_ARGUMENT, "Expected to create instance of process with start instructions but the "
        "element with id '{id}' is inside a multi-instance subprocess. The creation of elements inside a "
        "multi-instance subprocess is not supported."),
    "create.gateway": (INVALID_ARGUMENT, "Expected to create instance of process with start instructions but the "
        "element with id '{id}' belongs to an event-based gateway. The creation of elements belonging to an "
        "event-based gateway is not supported."),
    "publish.exists": (ALREADY_EXISTS, "Expected to publish a new message with id '{id}', but a message with that id "
        "was already published"),
    "create.tags": (INVALID_ARGUMENT, "Expected to create instance of process with tags, but the tags {tags} are invalid. "
        "Tags must start with a letter (a-z, A-Z), followed by alphanumerics, underscores, minuses, colons, or periods. It "
        "must not be blank and must be 100 characters or less."),
    "create.tags_number": (INVALID_ARGUMENT, "Expected to create instance of process with tags, but the number of tags "
        "exceeds the limit of {limit}."),
    "evaluate.id": (INVALID_ARGUMENT, "Expected to evaluate decision '{id}', but no decision found for id '{id}'"),
    "evaluate.key": (INVALID_ARGUMENT, "Expected to evaluate decision '{key}', but no decision found for key '{key}'"),
    "evaluate.nothing": (INVALID_ARGUMENT, "Expected either a decision id or a valid decision key, but none provided"),
    "deploy.nothing": (INVALID_ARGUMENT, "Expected to deploy at least one resource, but none given"),
    "deploy.invalid": (INVALID_ARGUMENT, "Expected to deploy new resources, but encountered the following "
        "errors:{errors}"),
    "delete.missing": (NOT_FOUND, "Expected to delete resource but no resource found with key `{key}`"),
    "delete.running": (INVALID_STATE, "Expected to delete resource with key `{key}` but there are still running "
        "instances"),
    "join": (INVALID_STATE, "Expected to be able to activate {kind} gateway '{id}', but not all sequence flows "
        "have been taken."),
    "ad_hoc.missing": (NOT_FOUND, "Expected to activate activities for ad-hoc sub-process but no ad-hoc sub-process "
        "instance found with key '{key}'."),
    "ad_hoc.elements": (NOT_FOUND, "Expected to activate activities for ad-hoc sub-process with key '{key}', but the given "
        "elements [{ids}] do not exist."),
    "ad_hoc.both": (INVALID_ARGUMENT, "Expected to complete job with key '{key}' with a result that activates elements or "
        "fulfils the completion condition, but it does both"),
    "interrupted": (INVALID_STATE, "Expected flow scope instance with key '{key}' not to be interrupted, but an event "
        "sub-process has interrupted it"),
    "inactive": (INVALID_STATE, "Expected element instance with key '{key}' to be in an active state"),
    "condition.missing": (NOT_FOUND, "Expected to trigger conditional subscription with key '{key}', but no such subscription "
        "was found"),
    "condition.definition": (NOT_FOUND, "Expected to evaluate conditional start events of the process definition with key "
        "'{key}', but no such process definition was found"),
    "timer.missing": (NOT_FOUND, "Expected to trigger timer with key '{key}', but no such timer was found"),
    "correlate.missing": (NOT_FOUND, "Expected to correlate subscription for element with key '{key}' and message "
        "name '{name}', but no such subscription was found"),
    "correlate.inactive": (INVALID_STATE, "Expected to correlate a process message subscription with element key '{key}' "
        "and message name '{name}', but the subscription is not active anymore"),
    "correlate.closed": (NOT_FOUND, "Expected to close message subscription for element with key '{key}' and message "
        "name '{name}', but no such message subscription exists"),
    "correlation.missing": (NOT_FOUND, "Expected to find subscription for message with name '{name}' and correlation "
        "key '{correlation_key}', but none was found."),
    "modify.missing": (NOT_FOUND, "Expected to modify process instance but no process instance found with key '{key}'"),
    "modify.element": (INVALID_ARGUMENT, _MODIFY + "activate instructions with an element that could not be found: "
        "'{ids}'"),
    "modify.unsupported": (INVALID_ARGUMENT, _MODIFY + "activate instructions for elements that are unsupported: "
        "'{ids}'. {reasons}."),
    "modify.ancestor": (INVALID_ARGUMENT, _MODIFY + "activate instructions with an ancestor scope key that does not "
        "exist, or is not in an active state: '{ids}'"),
    "modify.flow_scope": (INVALID_ARGUMENT, _MODIFY + "activate instructions with an ancestor scope key that is not "
        "an ancestor of the element to activate:\n{ids}"),
    "modify.terminate": (INVALID_ARGUMENT, _MODIFY + "terminate instructions with an element instance that could not "
        "be found: '{ids}'"),
    "modify.scope": (INVALID_ARGUMENT, _MODIFY + "variable instructions with a scope element id that could not be "
        "found: '{ids}'"),
    "modify.not_scope": (INVALID_ARGUMENT, _MODIFY + "variable instructions with a scope element that doesn't belong "
        "to the activating element's flow scope. These variables should be set before or after the modification."),
    "modify.several": (INVALID_ARGUMENT, _MODIFY + "activate instructions for an element that has a flow scope with more "
        "than one active instance: '{ids}'. Can't decide in which instance of the flow scope the element should be "
        "activated. Please specify an ancestor element instance key for this activate instruction."),
    "modify.child": (INVALID_ARGUMENT, "Expected to modify instance of process '{process}' but the given instructions "
        "would terminate the instance. The instance was created by a call activity in the parent process. To "
        "terminate this instance please modify the parent process instead."),
    "migrate.missing": (NOT_FOUND, "Expected to migrate process instance but no process instance found with key "
        "'{key}'"),
    "migrate.target": (NOT_FOUND, "Expected to migrate process instance to process definition but no process "
        "definition found with key '{key}'"),
    "migrate.source": (INVALID_ARGUMENT, _MIGRATE + "mapping instructions contain a non-existing source element id "
        "'{id}'. Elements provided in mapping instructions must exist in the source process definition."),
    "migrate.destination": (INVALID_ARGUMENT, _MIGRATE + "mapping instructions contain a non-existing target element "
        "id '{id}'. Elements provided in mapping instructions must exist in the target process definition."),
    "migrate.duplicate": (INVALID_ARGUMENT, _MIGRATE + "the mapping instructions contain duplicate source element "
        "ids '{ids}'."),
    "migrate.unmapped": (INVALID_STATE, _MIGRATE + "no mapping instruction defined for active element with id "
        "'{id}'. Elements cannot be migrated without a mapping."),
    "migrate.type": (INVALID_STATE, _MIGRATE + "active element with id '{id}' and type '{type}' is mapped to an "
        "element with id '{target}' and different type '{other}'. Elements must be mapped to elements of the same "
        "type."),
    "migrate.user_task": (INVALID_STATE, _MIGRATE + "active user task with id '{id}' and implementation '{kind}' is "
        "mapped to an user task with id '{target}' and different implementation '{other}'. Elements must be mapped to "
        "elements of the same implementation."),
    "migrate.unsupported": (INVALID_STATE, _MIGRATE + "active element with id '{id}' has an unsupported type. The "
        "migration of a {type} is not supported."),
    "migrate.concurrent": (INVALID_STATE, _MIGRATE + "a concurrent command was executed on the process instance. "
        "Please retry the migration."),
    "migrate.detached": (INVALID_STATE, _MIGRATE + "active element with id '{id}' is mapped to an element with id "
        "'{target}' and has a catch event with id '{event}' that is mapped to a catch event with id '{destination}'. "
        "These mappings detach the catch event from the element in the target process. Catch events must stay "
        "attached to the same element instance."),
    "migrate.event": (INVALID_STATE, _MIGRATE + "active element with id '{id}' has a catch event with id '{event}' "
        "that is mapped to a catch event with id '{destination}'. These catch events have different event types: "
        "'{old}' and '{new}'. The event type of a catch event cannot be changed by process instance migration. "
        "Please ensure the event type of the catch event remains the same or remove the mapping instruction for these "
        "catch events."),
    "migrate.subscribed": (INVALID_STATE, _MIGRATE + "active element with id '{id}' attempts to subscribe to a message "
        "it is already subscribed to with name '{name}'. Migrating active elements that subscribe to a message they are "
        "already subscribed to is not possible yet. Please provide a mapping instruction to message catch event with "
        "id '{event}' to migrate the respective message subscription."),
    "migrate.scope": (INVALID_STATE, _MIGRATE + "the flow scope of active element with id '{id}' is changed. The "
        "flow scope of the active element is expected to be '{expected}' but was '{actual}'. The flow scope of an "
        "element cannot be changed during migration yet."),
}  # fmt: skip

_ERRORS: dict[str, type[errors.CamundaError]] = {
    NOT_FOUND: errors.NotFound,
    INVALID_STATE: errors.FailedPrecondition,
    INVALID_ARGUMENT: errors.InvalidArgument,
    ALREADY_EXISTS: errors.AlreadyExists,
}


#: Refusals whose record says another type than the answer.
_RECORDED = {"incident.retries": INVALID_STATE}
#: The line of the engine since which a refusal is of another type, in answer and record. The texts stay.
_RETYPED: dict[str, tuple[Line, str]] = {
    "incident.retries": ((8, 8), INVALID_STATE),
    "evaluate.id": ((8, 8), NOT_FOUND),
    "evaluate.key": ((8, 8), NOT_FOUND),
}


class Rejected(Exception):
    """A command that was not carried out; ``recorded`` is the type that the record says."""

    def __init__(self, name: str, type_: str, reason: str, recorded: str) -> None:
        super().__init__(reason)
        self.name = name
        self.type = type_
        self.reason = reason
        self.recorded = recorded

    def on(self, line: Line) -> Rejected:
        """The refusal as an engine of that line words it."""
        since, type_ = _RETYPED.get(self.name, (line, self.type))
        known = line < since or type_ == self.type
        return self if known else Rejected(self.name, type_, self.reason, type_)


def reject(name: str, /, **facts: Any) -> Rejected:
    """The refusal of that name in the table, to be raised."""
    type_, text = TEXTS[name]
    return Rejected(name, type_, text.format(**facts), _RECORDED.get(name, type_))


def error_of(intent: str, rejected: Rejected) -> errors.CamundaError:
    """What a client is told."""
    return _ERRORS[rejected.type](
        f"Command '{intent}' rejected with code '{rejected.type}': {rejected.reason}"
    )
