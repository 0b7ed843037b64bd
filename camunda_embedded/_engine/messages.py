"""Messages: published, buffered for their time to live, and correlated once per process and message."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.state import Instance, Wait
from camunda_embedded._engine.subscriptions import (
    INSTANCE_SIDE,
    MESSAGE_SIDE,
    Address,
    Message,
    Subscription,
)
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers
from camunda_embedded._engine.variables import Scope, Variables, warnings
from camunda_embedded._feel.values import type_name

__all__ = ["Messages"]


class Messages:
    """Buffered messages, the subscriptions of instances and those of start events."""

    def __init__(self, kernel: Kernel, variables: Variables, tree: Tree, triggers: Triggers) -> None:
        self._kernel = kernel
        self._variables = variables
        self._tree = tree
        self._triggers = triggers
        self.handlers: Handlers = {
            "MESSAGE PUBLISH": self._publish,
            "MESSAGE_CORRELATION CORRELATE": self._correlate_now,
            "MESSAGE_BATCH EXPIRE": self._expire,
            f"{MESSAGE_SIDE} CREATE": self._opened,
            f"{MESSAGE_SIDE} MIGRATE": self._migrated,
            f"{MESSAGE_SIDE} DELETE": self._delete,
            f"{MESSAGE_SIDE} CORRELATE": self._correlated,
            f"{MESSAGE_SIDE} REJECT": self._rejected,
            f"{INSTANCE_SIDE} CREATE": self._known,
            f"{INSTANCE_SIDE} DELETE": self._deleted,
            f"{INSTANCE_SIDE} CORRELATE": self._catch,
        }
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
        message, variables = element.message, self._variables
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
        key = self._kernel.next_key()
        if instance is None:
            start = Wait(key, name, definition, element, None)
            self._starts.setdefault(name, []).append(start)
            self._record_start("CREATED", start)
            return
        found = Subscription(key, name, definition, element, instance, correlation_key)
        instance.waits.append(found)
        self._event(INSTANCE_SIDE, "CREATING", found)

        self._send(MESSAGE_SIDE, "CREATE", found)

    def _opened(self, command: Command[Subscription]) -> None:
        found = command.subject
        found.message_side = self._kernel.next_key()
        self._event(MESSAGE_SIDE, "CREATED", found)
        self._waiting.setdefault(found.address, []).append(found)
        if not self._correlate_buffered(found):
            self._send(INSTANCE_SIDE, "CREATE", found)

    def _known(self, command: Command[Subscription]) -> None:
        if not command.subject.closed:
            self._event(INSTANCE_SIDE, "CREATED", command.subject)

    def _event(self, side: str, intent: str, found: Subscription) -> None:
        key = found.key if side == INSTANCE_SIDE else found.message_side
        self._kernel.event(side, intent, key, found.value(side))

    def _send(self, side: str, intent: str, found: Subscription) -> None:
        self._kernel.send(side, intent, -1, found.value(side), found)

    def migrate(self, found: Subscription, definition: Definition, element: Element) -> None:
        """Makes a wait one for an event of another definition."""
        found.definition, found.element = definition, element
        self._event(INSTANCE_SIDE, "MIGRATED", found)
        self._kernel.send(MESSAGE_SIDE, "MIGRATE", found.key, found.value(MESSAGE_SIDE), found)

    def _migrated(self, command: Command[Subscription]) -> None:
        self._event(MESSAGE_SIDE, "MIGRATED", command.subject)

    def close(self, found: Subscription) -> None:
        """Ends a wait."""
        found.closed = True
        found.instance.waits.remove(found)
        self._event(INSTANCE_SIDE, "DELETING", found)
        self._send(MESSAGE_SIDE, "DELETE", found)

    def _delete(self, command: Command[Subscription]) -> None:
        found = command.subject
        self._remove(found)
        if found.rejected:
            refusal = reject("correlate.closed", key=found.instance.key, name=found.name)
            self._kernel.refuse(command, refusal)
        else:
            self._event(MESSAGE_SIDE, "DELETED", found)
        self._send(INSTANCE_SIDE, "DELETE", found)

    def _deleted(self, command: Command[Subscription]) -> None:
        self._event(INSTANCE_SIDE, "DELETED", command.subject)

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
        self._take(found, message)
        self._tell(found, message)

    def _take(self, found: Subscription, message: Message) -> None:
        """Takes the message for a wait, of which the instance is still to be told."""
        message.correlated.add(found.process)
        found.correlating, found.message_key = True, message.key
        found.variables = message.value["variables"]
        self._event(MESSAGE_SIDE, "CORRELATING", found)

    def _tell(self, found: Subscription, message: Message) -> None:
        value = found.value(INSTANCE_SIDE)
        self._kernel.send(INSTANCE_SIDE, "CORRELATE", -1, value, (found, message))

    def _catch(self, command: Command[tuple[Subscription, Message]]) -> None:
        found, message = command.subject
        instance = found.instance
        if found.closed or not instance.triggerable:
            found.correlating = False
            name = "correlate.missing" if found.closed else "correlate.inactive"
            self._kernel.refuse(command, reject(name, key=instance.key, name=found.name))
            self._kernel.send(MESSAGE_SIDE, "REJECT", -1, found.value(MESSAGE_SIDE), (found, message))
            return
        found.caught = message.key, found.variables
        if found.element.interrupting:
            found.closed = True
            instance.waits.remove(found)
        self._event(INSTANCE_SIDE, "CORRELATED", found)
        self._triggers.trigger(instance, found.element, found.variables)
        self._send(MESSAGE_SIDE, "CORRELATE", found)

    def _correlated(self, command: Command[Subscription]) -> None:
        found = command.subject
        found.correlating = False
        self._event(MESSAGE_SIDE, "CORRELATED", found)
        if found.element.interrupting:
            self._remove(found)
        elif not found.closed:
            self._correlate_buffered(found)

    def _rejected(self, command: Command[tuple[Subscription, Message]]) -> None:
        """The instance is gone: the message may reach another one of the process."""
        found, message = command.subject
        message.correlated.discard(found.process)
        self._remove(found)
        found.rejected = True
        rejected = {**found.value(MESSAGE_SIDE), "interrupting": False, "variables": {}}
        self._kernel.event(MESSAGE_SIDE, "REJECTED", -1, rejected)
        for other in self._waiting.get(message.address, ()):
            if other.process == found.process and other.free:
                self._correlate(other, message)
                break

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
        self._kernel.event("MESSAGE_START_EVENT_SUBSCRIPTION", intent, start.key, value)

    def _start(self, start: Wait, message: Message) -> int:
        key = self._kernel.next_key()
        message.correlated.add(start.definition.id)
        self._record_start("CORRELATED", start, message, key)
        instance = self._tree.make_process(start.definition, key)
        if message.value["correlationKey"]:
            instance.correlation = (start.definition.id, message.value["correlationKey"])
            self._started.add(instance.correlation)
        self._triggers.start_process(instance, start.element, message.value["variables"])
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
        value = {
            "name": name,
            "correlationKey": correlation_key,
            "timeToLive": time_to_live,
            "messageId": message_id,
            "variables": variables,
            "deadline": -1,
            "tenantId": TENANT,
        }
        key: int = self._kernel.execute("MESSAGE", "PUBLISH", -1, value)
        return key

    def _publish(self, command: Command[None]) -> int:
        kernel, value = self._kernel, command.value
        identity = (value["name"], value["correlationKey"], value["messageId"])
        if value["messageId"] and identity in self._ids:
            raise reject("publish.exists", id=value["messageId"])
        deadline = kernel.now() + value["timeToLive"]
        message = Message(kernel.next_key(), {**value, "deadline": deadline})
        kernel.event("MESSAGE", "PUBLISHED", message.key, message.value)
        self._distribute(message)
        if value["timeToLive"] <= 0:
            kernel.event("MESSAGE", "EXPIRED", message.key, message.value)
            return message.key
        self._buffer.setdefault(message.address, {})[message.key] = message
        if value["messageId"]:
            self._ids[identity] = message.key
        heappush(self._deadlines, (deadline, message.key, message))
        kernel.schedule.at(deadline, self._fall_due)
        return message.key

    def correlate(self, name: str, correlation_key: str, variables: dict[str, Any]) -> tuple[int, int]:
        """The command MESSAGE_CORRELATION CORRELATE: a message for who waits now; returns its key and the first instance's."""
        value = {
            "name": name,
            "correlationKey": correlation_key,
            "variables": variables,
            "tenantId": TENANT,
            "messageKey": -1,
            "processInstanceKey": -1,
            "requestId": -1,
            "requestStreamId": -1,
        }
        keys: tuple[int, int] = self._kernel.execute("MESSAGE_CORRELATION", "CORRELATE", -1, value)
        return keys

    def _correlate_now(self, command: Command[None]) -> tuple[int, int]:
        kernel, value = self._kernel, command.value
        facts = {name: value[name] for name in ("name", "correlationKey", "variables", "tenantId")}
        message = Message(kernel.next_key(), {**facts, "timeToLive": -1, "messageId": "", "deadline": -1})
        found = {**value, "messageKey": message.key}
        kernel.event("MESSAGE", "PUBLISHED", message.key, message.value)
        kernel.event("MESSAGE_CORRELATION", "CORRELATING", message.key, found)
        reached = self._distribute(message)
        kernel.event("MESSAGE", "EXPIRED", message.key, message.value)
        if not reached:
            address = {"name": value["name"], "correlation_key": value["correlationKey"]}
            raise reject("correlation.missing", **address)
        found = {**found, "processInstanceKey": reached[0]}
        kernel.event("MESSAGE_CORRELATION", "CORRELATED", message.key, found)
        return message.key, reached[0]

    def _distribute(self, message: Message) -> list[int]:
        """Hands the message to all who wait for it; returns the keys of their process instances."""
        reached: list[int] = []
        told: list[Subscription] = []
        for found in tuple(self._waiting.get(message.address, ())):
            if found.process not in message.correlated and found.free:
                self._take(found, message)
                told.append(found)
                reached.append(found.instance.root.key)
        for start in tuple(self._starts.get(message.value["name"], ())):
            process = start.definition.id
            if (
                process not in message.correlated
                and (process, message.value["correlationKey"]) not in self._started
            ):
                reached.append(self._start(start, message))
        for found in told:
            self._tell(found, message)
        return reached

    def _fall_due(self) -> Command[list[Message]] | None:
        expired = []
        while self._deadlines and self._deadlines[0][0] <= self._kernel.now():
            expired.append(heappop(self._deadlines)[2])
        if not expired:
            return None  # they went with those that were due at the same time
        keys = [message.key for message in expired]
        return Command("MESSAGE_BATCH", "EXPIRE", -1, {"messageKeys": keys}, expired)

    def _expire(self, command: Command[list[Message]]) -> None:
        for message in command.subject:
            same = self._buffer.get(message.address, {})
            same.pop(message.key, None)
            if not same:
                self._buffer.pop(message.address, None)
            self._ids.pop((*message.address, message.value["messageId"]), None)
            self._kernel.event("MESSAGE", "EXPIRED", message.key, {"tenantId": TENANT})
