"""Messages: published, buffered for their time to live, and correlated once per process and message."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from camunda_embedded import feel
from camunda_embedded.bpmn.model import Element
from camunda_embedded.engine.incidents import Failure
from camunda_embedded.engine.rejections import reject
from camunda_embedded.engine.resources import TENANT, Definition
from camunda_embedded.engine.schedule import Due
from camunda_embedded.engine.state import Instance, Subscription
from camunda_embedded.engine.variables import warnings
from camunda_embedded.feel.values import type_name

if TYPE_CHECKING:
    from camunda_embedded.engine.core import Engine

__all__ = ["Messages"]

Address = tuple[str, str]


@dataclass(eq=False, slots=True)
class _Message:
    key: int
    value: dict[str, Any]
    correlated: set[str] = field(default_factory=set)

    @property
    def address(self) -> Address:
        return self.value["name"], self.value["correlationKey"]


@dataclass(eq=False, slots=True)
class _Start:
    key: int
    name: str
    definition: Definition
    element: Element


class Messages:
    """Buffered messages, the subscriptions of instances and those of start events."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._buffer: dict[Address, dict[int, _Message]] = {}
        self._deadlines: list[tuple[int, int, _Message]] = []
        self._ids: dict[tuple[str, str, str], int] = {}
        self._waiting: dict[Address, list[Subscription]] = {}
        self._starts: dict[str, list[_Start]] = {}
        #: Process id and correlation key of what was started by a message and still runs.
        self._started: set[tuple[str, str]] = set()

    # --- subscriptions of instances ---

    def wanted(self, instance: Instance, element: Element) -> Address:
        """Name and correlation key of the message an event waits for; Failure when an expression gives none."""
        message, variables = element.message, self._engine.variables
        if message is None or message.key is None:
            raise Failure("EXTRACT_VALUE_ERROR", f"'{element.id}' has no message with a correlation key")
        name = str(variables.typed(instance, message.name, "STRING"))
        at = instance.scope if element.type == "BOUNDARY_EVENT" and instance.scope is not None else instance
        try:
            value, failures = variables.evaluate(message.key, variables.scope(at))
        except feel.FeelEvaluationError as error:
            raise Failure("EXTRACT_VALUE_ERROR", variables.failed(error)) from None
        kind = type_name(value)
        if kind == "STRING":
            return name, value
        if kind == "NUMBER":
            return name, str(feel.to_json(value))
        text = f"Failed to extract the correlation key for '{message.key.text}': "
        text += f"The value must be either a string or a number, but was '{kind}'."
        raise Failure("EXTRACT_VALUE_ERROR", text + warnings(failures))

    def open(self, instance: Instance, element: Element, name: str, correlation_key: str) -> None:
        """Makes an instance wait for a message."""
        found = Subscription(self._engine.next_key(), name, correlation_key, instance, element)
        instance.messages.append(found)
        self._engine.event("PROCESS_MESSAGE_SUBSCRIPTION", "CREATING", found.key, self._instance_side(found))
        self._engine.follow(
            "MESSAGE_SUBSCRIPTION", "CREATE", -1, self._message_side(found), lambda: self._opened(found)
        )

    def _opened(self, found: Subscription) -> None:
        engine = self._engine
        found.message_side = engine.next_key()
        engine.event("MESSAGE_SUBSCRIPTION", "CREATED", found.message_side, self._message_side(found))
        self._waiting.setdefault((found.name, found.correlation_key), []).append(found)
        if not self._correlate_buffered(found):
            engine.follow(
                "PROCESS_MESSAGE_SUBSCRIPTION",
                "CREATE",
                -1,
                self._instance_side(found),
                lambda: self._known(found),
            )

    def _known(self, found: Subscription) -> None:
        if not found.closed:
            self._engine.event(
                "PROCESS_MESSAGE_SUBSCRIPTION", "CREATED", found.key, self._instance_side(found)
            )

    def close(self, found: Subscription) -> None:
        """Ends a wait."""
        engine = self._engine
        found.closed = True
        found.instance.messages.remove(found)
        engine.event("PROCESS_MESSAGE_SUBSCRIPTION", "DELETING", found.key, self._instance_side(found))

        def delete() -> None:
            self._remove(found)
            engine.event("MESSAGE_SUBSCRIPTION", "DELETED", found.message_side, self._message_side(found))
            engine.follow("PROCESS_MESSAGE_SUBSCRIPTION", "DELETE", -1, self._instance_side(found), deleted)

        def deleted() -> None:
            engine.event("PROCESS_MESSAGE_SUBSCRIPTION", "DELETED", found.key, self._instance_side(found))

        engine.follow("MESSAGE_SUBSCRIPTION", "DELETE", -1, self._message_side(found), delete)

    def _remove(self, found: Subscription) -> None:
        address = (found.name, found.correlation_key)
        same = self._waiting.get(address, [])
        if found in same:
            same.remove(found)
            if not same:
                del self._waiting[address]

    @staticmethod
    def _message_side(found: Subscription) -> dict[str, Any]:
        return {
            "processInstanceKey": found.instance.root.key,
            "elementInstanceKey": found.instance.key,
            "messageKey": found.message_key,
            "messageName": found.name,
            "correlationKey": found.correlation_key,
            "bpmnProcessId": found.instance.definition.id,
            "interrupting": found.element.interrupting,
            "variables": found.variables,
            "tenantId": TENANT,
        }

    def _instance_side(self, found: Subscription) -> dict[str, Any]:
        return {**self._message_side(found), "elementId": found.element.id}

    # --- correlation ---

    def _correlate_buffered(self, found: Subscription) -> bool:
        process = found.instance.definition.id
        for message in self._buffer.get((found.name, found.correlation_key), {}).values():
            if process not in message.correlated:
                self._correlate(found, message)
                return True
        return False

    def _correlate(self, found: Subscription, message: _Message) -> None:
        engine = self._engine
        message.correlated.add(found.instance.definition.id)
        found.correlating, found.message_key = True, message.key
        found.variables = message.value["variables"]
        engine.event("MESSAGE_SUBSCRIPTION", "CORRELATING", found.message_side, self._message_side(found))

        def handle() -> None:
            instance = found.instance
            if (
                found.closed
                or instance.state not in ("ACTIVATING", "ACTIVATED")
                or instance.trigger is not None
            ):
                found.correlating = False
                self._reject(found, message)
                raise reject("correlate.missing", key=instance.key, name=found.name)
            value = self._instance_side(found)
            if found.element.interrupting:
                found.closed = True
                instance.messages.remove(found)
            engine.event("PROCESS_MESSAGE_SUBSCRIPTION", "CORRELATED", found.key, value)
            engine.events.trigger(instance, found.element, found.variables)
            engine.follow("MESSAGE_SUBSCRIPTION", "CORRELATE", -1, self._message_side(found), done)

        def done() -> None:
            found.correlating = False
            engine.event("MESSAGE_SUBSCRIPTION", "CORRELATED", found.message_side, self._message_side(found))
            if found.element.interrupting:
                self._remove(found)
            elif not found.closed:
                self._correlate_buffered(found)

        engine.follow("PROCESS_MESSAGE_SUBSCRIPTION", "CORRELATE", -1, self._instance_side(found), handle)

    def _reject(self, found: Subscription, message: _Message) -> None:
        """The instance is gone: the message may reach another one of the process."""
        engine = self._engine
        process = found.instance.definition.id

        def handle() -> None:
            message.correlated.discard(process)
            self._remove(found)
            engine.event("MESSAGE_SUBSCRIPTION", "REJECTED", found.message_side, self._message_side(found))
            for other in self._waiting.get(message.address, ()):
                if other.instance.definition.id == process and not other.correlating and not other.closed:
                    self._correlate(other, message)
                    break

        engine.follow("MESSAGE_SUBSCRIPTION", "REJECT", -1, self._message_side(found), handle)

    # --- start events ---

    def open_start(self, definition: Definition, element: Element) -> None:
        """Makes a start event wait for its message; Failure when its name cannot be had."""
        if element.message is None:
            return
        name = str(self._engine.variables.typed(None, element.message.name, "STRING"))
        start = _Start(self._engine.next_key(), name, definition, element)
        self._starts.setdefault(name, []).append(start)
        self._engine.event("MESSAGE_START_EVENT_SUBSCRIPTION", "CREATED", start.key, self._start_value(start))

    def close_starts(self, process_id: str) -> None:
        """Ends the waits of the start events of a process."""
        for name, starts in tuple(self._starts.items()):
            for start in [s for s in starts if s.definition.id == process_id]:
                starts.remove(start)
                self._engine.event(
                    "MESSAGE_START_EVENT_SUBSCRIPTION", "DELETED", start.key, self._start_value(start)
                )
            if not starts:
                del self._starts[name]

    @staticmethod
    def _start_value(
        start: _Start, message: _Message | None = None, instance_key: int = -1
    ) -> dict[str, Any]:
        return {
            "processDefinitionKey": start.definition.key,
            "bpmnProcessId": start.definition.id,
            "startEventId": start.element.id,
            "messageName": start.name,
            "messageKey": message.key if message is not None else -1,
            "correlationKey": message.value["correlationKey"] if message is not None else "",
            "variables": message.value["variables"] if message is not None else {},
            "processInstanceKey": instance_key,
            "tenantId": TENANT,
        }

    def _start(self, start: _Start, message: _Message) -> int:
        engine = self._engine
        key = engine.next_key()
        message.correlated.add(start.definition.id)
        engine.event(
            "MESSAGE_START_EVENT_SUBSCRIPTION",
            "CORRELATED",
            start.key,
            self._start_value(start, message, key),
        )
        instance = engine.lifecycle.make_process(start.definition, key)
        if message.value["correlationKey"]:
            instance.correlation = (start.definition.id, message.value["correlationKey"])
            self._started.add(instance.correlation)
        engine.events.start_process(instance, start.element, message.value["variables"])
        return key

    def process_ended(self, instance: Instance) -> None:
        """An instance has ended: if a message had started it, the next one of its correlation key may start another."""
        if instance.correlation is None:
            return
        self._started.discard(instance.correlation)
        process, correlation_key = instance.correlation
        for starts in tuple(self._starts.values()):
            for start in starts:
                if start.definition.id != process:
                    continue
                for message in tuple(self._buffer.get((start.name, correlation_key), {}).values()):
                    if process not in message.correlated:
                        self._start(start, message)
                        return

    # --- messages ---

    def publish(
        self, name: str, correlation_key: str, time_to_live: int, message_id: str, variables: dict[str, Any]
    ) -> int:
        """The command MESSAGE PUBLISH; returns the key of the message."""
        engine = self._engine
        value = {
            "name": name,
            "correlationKey": correlation_key,
            "timeToLive": time_to_live,
            "messageId": message_id,
            "variables": variables,
            "deadline": -1,
            "tenantId": TENANT,
        }
        identity = (name, correlation_key, message_id)

        def handle() -> int:
            if message_id and identity in self._ids:
                raise reject("publish.exists", id=message_id)
            deadline = engine.now() + time_to_live
            message = _Message(engine.next_key(), {**value, "deadline": deadline})
            engine.event("MESSAGE", "PUBLISHED", message.key, message.value)
            self._distribute(message)
            if time_to_live <= 0:
                engine.event("MESSAGE", "EXPIRED", message.key, message.value)
                return message.key
            self._buffer.setdefault(message.address, {})[message.key] = message
            if message_id:
                self._ids[identity] = message.key
            heappush(self._deadlines, (deadline, message.key, message))
            engine.schedule.at(deadline, self._expire)
            return message.key

        return engine.execute("MESSAGE", "PUBLISH", -1, value, handle)

    def correlate(self, name: str, correlation_key: str, variables: dict[str, Any]) -> tuple[int, int]:
        """The command MESSAGE_CORRELATION CORRELATE: a message for who waits now; returns its key and the first instance's."""
        engine = self._engine
        address = {
            "name": name,
            "correlationKey": correlation_key,
            "variables": variables,
            "tenantId": TENANT,
        }
        value = {
            **address,
            "messageKey": -1,
            "processInstanceKey": -1,
            "requestId": -1,
            "requestStreamId": -1,
        }

        def handle() -> tuple[int, int]:
            message = _Message(
                engine.next_key(), {**address, "timeToLive": -1, "messageId": "", "deadline": -1}
            )
            found = {**value, "messageKey": message.key}
            engine.event("MESSAGE", "PUBLISHED", message.key, message.value)
            engine.event("MESSAGE_CORRELATION", "CORRELATING", message.key, found)
            reached = self._distribute(message)
            engine.event("MESSAGE", "EXPIRED", message.key, message.value)
            if not reached:
                raise reject("correlation.missing", name=name, correlation_key=correlation_key)
            found = {**found, "processInstanceKey": reached[0]}
            engine.event("MESSAGE_CORRELATION", "CORRELATED", message.key, found)
            return message.key, reached[0]

        return engine.execute("MESSAGE_CORRELATION", "CORRELATE", -1, value, handle)

    def _distribute(self, message: _Message) -> list[int]:
        """Hands the message to all who wait for it; returns the keys of their process instances."""
        reached: list[int] = []
        for found in tuple(self._waiting.get(message.address, ())):
            if (
                found.instance.definition.id not in message.correlated
                and not found.correlating
                and not found.closed
            ):
                self._correlate(found, message)
                reached.append(found.instance.root.key)
        for start in tuple(self._starts.get(message.value["name"], ())):
            process = start.definition.id
            if (
                process not in message.correlated
                and (process, message.value["correlationKey"]) not in self._started
            ):
                reached.append(self._start(start, message))
        return reached

    def _expire(self) -> Due | None:
        expired = []
        while self._deadlines and self._deadlines[0][0] <= self._engine.now():
            expired.append(heappop(self._deadlines)[2])
        if not expired:
            return None  # they went with those that were due at the same time

        def handle() -> None:
            for message in expired:
                same = self._buffer.get(message.address, {})
                same.pop(message.key, None)
                if not same:
                    self._buffer.pop(message.address, None)
                self._ids.pop((*message.address, message.value["messageId"]), None)
                self._engine.event("MESSAGE", "EXPIRED", message.key, {"tenantId": TENANT})

        keys = [message.key for message in expired]
        return Due("MESSAGE_BATCH", "EXPIRE", -1, {"messageKeys": keys}, handle)
