"""The two signals that the docs use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Signal:
    def __init__(self) -> None:
        self._receivers: list[Callable[..., Any]] = []

    def connect(self, receiver: Callable[..., Any]) -> Callable[..., Any]:
        self._receivers.append(receiver)
        return receiver

    def send(self) -> None:
        for receiver in self._receivers:
            receiver(sender=self)


worker_process_init = Signal()
worker_process_shutdown = Signal()
