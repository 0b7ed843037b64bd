"""A message and an instance's wait for one, as the engine keeps them and records them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from camunda_embedded._engine.resources import TENANT
from camunda_embedded._engine.state import Instance, Wait

__all__ = ["INSTANCE_SIDE", "MESSAGE_SIDE", "Address", "Message", "Subscription"]

Address = tuple[str, str]
MESSAGE_SIDE = "MESSAGE_SUBSCRIPTION"
INSTANCE_SIDE = "PROCESS_MESSAGE_SUBSCRIPTION"


@dataclass(eq=False, slots=True)
class Message:
    """A published message; ``correlated`` are the processes that it has reached."""

    key: int
    value: dict[str, Any]
    correlated: set[str] = field(default_factory=set)

    @property
    def address(self) -> Address:
        """Its name and correlation key."""
        return self.value["name"], self.value["correlationKey"]


@dataclass(eq=False, slots=True)
class Subscription(Wait):
    """An instance's wait. The real engine keeps one side of it with the messages, the other with the instance."""

    instance: Instance
    correlation_key: str
    message_side: int = 0
    message_key: int = -1
    variables: dict[str, Any] = field(default_factory=dict)
    #: What the instance knows of it: the message it caught last.
    caught: tuple[int, dict[str, Any]] = (-1, {})
    rejected: bool = False
    correlating: bool = False
    closed: bool = False

    @property
    def address(self) -> Address:
        """The name and correlation key of the messages that it waits for."""
        return self.name, self.correlation_key

    @property
    def process(self) -> str:
        """The id of the process that waits: a message reaches each once."""
        return self.definition.id

    @property
    def free(self) -> bool:
        """Whether a message may reach it now."""
        return not self.correlating and not self.closed

    def value(self, side: str) -> dict[str, Any]:
        """The record value of one side."""
        message_key, variables = self.caught if side == INSTANCE_SIDE else (self.message_key, self.variables)
        value = {
            "processInstanceKey": self.instance.root.key,
            "elementInstanceKey": self.instance.key,
            "messageKey": message_key,
            "messageName": self.name,
            "correlationKey": self.correlation_key,
            "bpmnProcessId": self.process,
            "interrupting": self.element.interrupting,
            "variables": variables,
            "tenantId": TENANT,
        }
        return {**value, "elementId": self.element.id} if side == INSTANCE_SIDE else value
