"""Messages: published, buffered for their time to live, and correlated once per process and message."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.schedule import Due
from camunda_embedded._engine.state import Instance, Wait
from camunda_embedded._engine.subscriptions import (
    INSTANCE_SIDE,
    MESSAGE_SIDE,
    Address,
    Message,
    Subscription,
)
from camunda_embedded._engine.variables import Scope, warnings
from camunda_embedded._feel.values import type_name

if TYPE_CHECKING:
    from camunda_embedded._engine.core import Engine

__all__ = ["Messages"]


class Messages:
    """Buffered messages, the subscriptions of instances and those of start events."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._buffer: dict[Address, dict[int, Message]] = {}
        self._deadlines: list[tuple[int, int, Message]] = []
        self._ids: dict[tuple[str, str, str], int] = {}
        self._waiting: dict[Address, list[Subscription]] = {}
        self._starts: dict[str, list[Wait]] = {}
        #: Process id and correlation key of what was started by a message and still runs.
        self._started: set[tuple[str, str]] = set()

    # --- subscriptions of instances ---

    def wanted(self, instance: Instance | None, element: Element) -> Address:
        """Name and correlation key (of a start event: none) of a message; Failure when an expression gives none."""
        message, variables = element.message, self._engine.variables
        assert message is not None
        name = str(variables.typed(instance, message.name, "STRING"))
        if instance is None or message.key is None:
            return name, ""
        at = instance.scope if element.type == "BOUNDARY_EVENT" else instance
        value, failures = variables.evaluate(message.key, Scope(at))
        kind = type_name(value)
        if kind == "STRING":
            return name, value
        if kind == "NUMBER":
            return name, str(feel.to_json(value))
        text = f"Failed to extract the correlation key for '{message.key.text}': "
        text += f"The value must be either a string or a number, but was '{kind}'."
        raise Failure("EXTRACT_VALUE_ERROR", text + warnings(failures), at.key if at is not None else None)

    def open(
        self, definition: Definition, element: Element, wanted: Address, instance: Instance | None
    ) -> None:
        """Makes an instance wait for a message, or a start event."""
        name, correlation_key = wanted
        key = self._engine.next_key()
        if instance is None:
            start = Wait(key, name, definition, element, None)
            self._starts.setdefault(name, []).append(start)
            self._record_start("CREATED", start)
            return
        found = Subscription(key, name, definition, element, instance, correlation_key)
        instance.waits.append(found)
        self._event(INSTANCE_SIDE, "CREATING", found)

        def opened() -> None:
            found.message_side = self._engine.next_key()
            self._event(MESSAGE_SIDE, "CREATED", found)
            self._waiting.setdefault(found.address, []).append(found)
            if not self._correlate_buffered(found):
                self._follow(INSTANCE_SIDE, "CREATE", found, known)

        def known() -> None:
            if not found.closed:
                self._event(INSTANCE_SIDE, "CREATED", found)

        self._follow(MESSAGE_SIDE, "CREATE", found, opened)

    def _event(self, side: str, intent: str, found: Subscription) -> None:
        key = found.key if side == INSTANCE_SIDE else found.message_side
        self._engine.event(side, intent, key, found.value(side))

    def _follow(self, side: str, intent: str, found: Subscription, handle: Callable[[], None]) -> None:
        self._engine.follow(side, intent, -1, found.value(side), handle)

    def migrate(self, found: Subscription, definition: Definition, element: Element) -> None:
        """Makes a wait one for an event of another definition."""
        found.definition, found.element = definition, element
        self._event(INSTANCE_SIDE, "MIGRATED", found)

        def migrated() -> None:
            self._event(MESSAGE_SIDE, "MIGRATED", found)

        self._engine.follow(MESSAGE_SIDE, "MIGRATE", found.key, found.value(MESSAGE_SIDE), migrated)

    def close(self, found: Subscription) -> None:
        """Ends a wait."""
        found.closed = True
        found.instance.waits.remove(found)
        self._event(INSTANCE_SIDE, "DELETING", found)

        def delete() -> None:
            self._remove(found)
            if found.rejected:
                refusal = reject("correlate.closed", key=found.instance.key, name=found.name)
                refusal.then = confirm
                raise refusal
            self._event(MESSAGE_SIDE, "DELETED", found)
            confirm()

        def confirm() -> None:
            self._follow(INSTANCE_SIDE, "DELETE", found, lambda: self._event(INSTANCE_SIDE, "DELETED", found))

        self._follow(MESSAGE_SIDE, "DELETE", found, delete)

    def _remove(self, found: Subscription) -> None:
        same = self._waiting.get(found.address, [])
        if found in same:
            same.remove(found)
            if not same:
                del self._waiting[found.address]

    # --- correlation ---

    def _correlate_buffered(self, found: Subscription) -> bool:
        for message in self._buffer.get(found.address, {}).values():
            if found.process not in message.correlated:
                self._correlate(found, message)
                return True
        return False

    def _correlate(self, found: Subscription, message: Message) -> None:
        self._prepare(found, message)()

    def _prepare(self, found: Subscription, message: Message) -> Callable[[], None]:
        """Takes the message for a wait; what is returned tells the instance."""
        engine = self._engine
        message.correlated.add(found.process)
        found.correlating, found.message_key = True, message.key
        found.variables = message.value["variables"]
        self._event(MESSAGE_SIDE, "CORRELATING", found)

        def handle() -> None:
            instance = found.instance
            if found.closed or not instance.triggerable:
                found.correlating = False
                refusal = reject(
                    "correlate.missing" if found.closed else "correlate.inactive",
                    key=instance.key,
                    name=found.name,
                )
                refusal.then = lambda: self._reject(found, message)
                raise refusal
            found.caught = message.key, found.variables
            if found.element.interrupting:
                found.closed = True
                instance.waits.remove(found)
            self._event(INSTANCE_SIDE, "CORRELATED", found)
            engine.events.trigger(instance, found.element, found.variables)
            self._follow(MESSAGE_SIDE, "CORRELATE", found, done)

        def done() -> None:
            found.correlating = False
            self._event(MESSAGE_SIDE, "CORRELATED", found)
            if found.element.interrupting:
                self._remove(found)
            elif not found.closed:
                self._correlate_buffered(found)

        return lambda: self._follow(INSTANCE_SIDE, "CORRELATE", found, handle)

    def _reject(self, found: Subscription, message: Message) -> None:
        """The instance is gone: the message may reach another one of the process."""
        process = found.process

        def handle() -> None:
            message.correlated.discard(process)
            self._remove(found)
            found.rejected = True
            rejected = {**found.value(MESSAGE_SIDE), "interrupting": False, "variables": {}}
            self._engine.event(MESSAGE_SIDE, "REJECTED", -1, rejected)
            for other in self._waiting.get(message.address, ()):
                if other.process == process and other.free:
                    self._correlate(other, message)
                    break

        self._follow(MESSAGE_SIDE, "REJECT", found, handle)

    # --- start events ---

    def close_starts(self, process_id: str) -> None:
        """Ends the waits of the start events of a process."""
        for name, starts in tuple(self._starts.items()):
            for start in [s for s in starts if s.definition.id == process_id]:
                starts.remove(start)
                self._record_start("DELETED", start)
            if not starts:
                del self._starts[name]

    def _record_start(
        self, intent: str, start: Wait, message: Message | None = None, instance_key: int = -1
    ) -> None:
        value = {
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
        self._engine.event("MESSAGE_START_EVENT_SUBSCRIPTION", intent, start.key, value)

    def _start(self, start: Wait, message: Message) -> int:
        engine = self._engine
        key = engine.next_key()
        message.correlated.add(start.definition.id)
        self._record_start("CORRELATED", start, message, key)
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
            message = Message(engine.next_key(), {**value, "deadline": deadline})
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
            message = Message(
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

    def _distribute(self, message: Message) -> list[int]:
        """Hands the message to all who wait for it; returns the keys of their process instances."""
        reached: list[int] = []
        told: list[Callable[[], None]] = []
        for found in tuple(self._waiting.get(message.address, ())):
            if found.process not in message.correlated and found.free:
                told.append(self._prepare(found, message))
                reached.append(found.instance.root.key)
        for start in tuple(self._starts.get(message.value["name"], ())):
            process = start.definition.id
            if (
                process not in message.correlated
                and (process, message.value["correlationKey"]) not in self._started
            ):
                reached.append(self._start(start, message))
        for tell in told:
            tell()
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
