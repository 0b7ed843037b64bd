"""What the deliveries of one task type have in common while they are answered."""

from __future__ import annotations

import asyncio

from camunda_core._flights import BeginCompleting
from camunda_core.errors import CamundaError
from camunda_core.jobs import JobWire
from camunda_worker._answering.answers import Encode, is_denial
from camunda_worker._answering.pressure import Window
from camunda_worker._intake.patience import Patience
from camunda_worker._intake.silence import Silence
from camunda_worker._observer import Observers

__all__ = ["Desk"]


class Desk:
    """What all deliveries of a task type share: wire, window, observers, limits."""

    def __init__(
        self,
        *,
        job_type: str,
        wire: JobWire,
        window: Window,
        observers: Observers,
        encode: Encode,
        timeout: float,
        retry_backoff: float,
        loop: asyncio.AbstractEventLoop,
        patience: Patience,
    ) -> None:
        self.job_type = job_type
        self.wire = wire
        self.window = window
        self.observers = observers
        self.encode = encode
        self.timeout = timeout
        self.retry_backoff = retry_backoff
        self.loop = loop
        #: Judges refusals to fail a job: who may not even do that need not take any.
        self.patience = patience
        #: When the worker gives up answering, by the loop's clock: set when it is told to stop.
        self.closes_at = float("inf")
        #: How many attempts to answer failed since the last that did not, and the last of them.
        self.faults = 0
        self.last_error = ""
        #: Done with what makes answering hopeless, and ends the worker.
        self.hopeless: asyncio.Future[CamundaError] = self.loop.create_future()
        #: The wire's way to complete a job without a task that waits for it, if it has one.
        self.begin_completing: BeginCompleting | None = getattr(self.wire, "begin_completing", None)
        self.polls = Silence(f"polls of {self.job_type}", self.wire, self.loop)
        self.answers = Silence(f"answers of {self.job_type}", self.wire, self.loop)

    def answered(self) -> None:
        """The gateway has taken an answer."""
        self.answers.broken()
        self.patience.succeeded()
        self.faults, self.last_error = 0, ""

    def failed(self, error: CamundaError, *, plain: bool) -> None:
        """An attempt to answer failed. ``plain``: nothing in the answer can be the reason."""
        if error.answered:
            self.answers.broken()
        if is_denial(error) and not plain:
            return  # it may be the content that is denied, by a firewall for instance
        try:
            if is_denial(error) or error.answered:
                self.patience.failed(error)
        except CamundaError:
            if not self.hopeless.done():
                self.hopeless.set_result(error)
