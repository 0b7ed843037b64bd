"""Commands that wait for their turn, and what follows from one of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["Chain", "Command", "Handler", "Handlers"]

S = TypeVar("S")


class Command(Generic[S]):
    """A command by its name, which is value type and intent. Who carries it out is known to the kernel alone.

    ``value``    what its record says
    ``subject``  what it is about: the instance, the job, the message, and whatever the record does not say
    ``depth``    how many commands there were before it of which each followed from the one before
    """

    __slots__ = ("depth", "intent", "key", "subject", "value", "value_type")

    def __init__(
        self, value_type: str, intent: str, key: int, value: dict[str, Any], subject: S, depth: int = 0
    ) -> None:
        self.value_type = value_type
        self.intent = intent
        self.key = key
        self.value = value
        self.subject = subject
        self.depth = depth

    def __repr__(self) -> str:
        about = self.value.get("elementId") or self.value.get("targetElementId") or ""
        return f"{self.value_type} {self.intent} {self.key} {about}".rstrip()


#: Carries out a command; what it returns is the answer to a command from outside.
Handler = Callable[[Command[Any]], Any]
#: Who carries out which commands, by their names: ``"JOB COMPLETE"``.
Handlers = dict[str, Handler]


class Chain:
    """What follows from one command: the commands still to be done, and how many there were.

    ``broken`` is the last error that was no rejection.
    """

    __slots__ = ("broken", "depth", "queue", "source", "steps")

    def __init__(self, source: int) -> None:
        self.source = source
        self.queue: deque[Command[Any]] = deque()
        self.steps = 0
        self.depth = 0
        self.broken: Exception | None = None
