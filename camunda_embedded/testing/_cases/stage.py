"""Where test cases play: what an embedded gateway and a cluster do each in their way."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from camunda_core.errors import CamundaError, NotFound
from camunda_embedded._mocking import MockWorker, Rehearsing, mocked_decision, mocked_process
from camunda_embedded._spans import span_of
from camunda_embedded.testing._cases.kinds import moment_of

__all__ = ["ClusterStage", "EmbeddedStage", "Stage"]

#: Gives the variables of a job, by the ids of its process and its element.
Variables = Callable[[str, str], Mapping[str, Any]]


class Stage(Protocol):
    """What stands in for others, and time."""

    def complete(self, job_type: str, variables: Variables) -> None:
        """Completes all jobs of a type from now on."""

    def throw(self, job_type: str, code: str, message: str, variables: Mapping[str, Any]) -> None:
        """Throws an error from all jobs of a type from now on."""

    def mock_decision(self, decision_id: str, output: Any) -> None:
        """Deploys a decision that says always the same."""

    def mock_process(self, process_id: str, variables: Mapping[str, Any]) -> None:
        """Deploys a process that ends at once."""

    def increase_time(self, duration: str) -> None:
        """Moves the clock."""

    def set_time(self, moment: str) -> None:
        """Stops the clock at a moment."""

    def end(self) -> None:
        """Ends what was begun."""


class EmbeddedStage:
    """On an embedded gateway."""

    def __init__(self, gateway: Rehearsing) -> None:
        self._gateway = gateway
        self._mocks: dict[str, MockWorker] = {}

    def _instead(self, job_type: str) -> None:
        mock = self._mocks.pop(job_type, None)
        if mock is not None:
            mock.stop()

    def complete(self, job_type: str, variables: Variables) -> None:
        """As ``Stage`` says."""
        self._instead(job_type)
        self._mocks[job_type] = self._gateway.mock_worker(
            job_type, result=lambda job: variables(job.process_id, job.element_id)
        )

    def throw(self, job_type: str, code: str, message: str, variables: Mapping[str, Any]) -> None:
        """As ``Stage`` says."""
        self._instead(job_type)
        self._mocks[job_type] = self._gateway.mock_worker(
            job_type, error=code, message=message, variables=variables
        )

    def mock_decision(self, decision_id: str, output: Any) -> None:
        """As ``Stage`` says."""
        self._gateway.mock_decision(decision_id, output)

    def mock_process(self, process_id: str, variables: Mapping[str, Any]) -> None:
        """As ``Stage`` says."""
        self._gateway.mock_process(process_id, variables)

    def increase_time(self, duration: str) -> None:
        """As ``Stage`` says."""
        self._gateway.advance(duration)

    def set_time(self, moment: str) -> None:
        """As ``Stage`` says."""
        self._gateway.settle()
        self._gateway.clock.pin(moment_of(moment), backwards=True)
        self._gateway.settle()

    def end(self) -> None:
        """As ``Stage`` says."""
        for job_type in list(self._mocks):
            self._instead(job_type)


class _Poller:
    """Answers the jobs of one type through a client, in a thread."""

    def __init__(self, client: Any, job_type: str, answer: Callable[[Any], None]) -> None:
        self._client, self._type, self._answer = client, job_type, answer
        self._stopping = threading.Event()
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name=f"mock-{job_type}", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                for job in self._client.activate_jobs(
                    self._type, max_jobs_to_activate=32, job_timeout=60, request_timeout=1, worker="mock"
                ):
                    with contextlib.suppress(NotFound):  # it is gone with its instance meanwhile
                        self._answer(job)
            except CamundaError as error:
                self.failed = error
                return

    def stop(self) -> None:
        """Ends with the poll that is on its way."""
        self._stopping.set()
        self._thread.join(30)


class ClusterStage:
    """On a cluster, through a client: mocks poll, time is the cluster's clock, which its configuration must let move."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._mocks: dict[str, _Poller] = {}
        self._pinned: int | None = None

    def _instead(self, job_type: str, answer: Callable[[Any], None]) -> None:
        former = self._mocks.pop(job_type, None)
        if former is not None:
            former.stop()
        self._mocks[job_type] = _Poller(self._client, job_type, answer)

    def complete(self, job_type: str, variables: Variables) -> None:
        """As ``Stage`` says."""

        def answer(job: Any) -> None:
            self._client.complete_job(job.job_key, dict(variables(job.process_definition_id, job.element_id)))

        self._instead(job_type, answer)

    def throw(self, job_type: str, code: str, message: str, variables: Mapping[str, Any]) -> None:
        """As ``Stage`` says."""

        def answer(job: Any) -> None:
            self._client.throw_error(
                job.job_key, code, error_message=message or None, variables=variables or None
            )

        self._instead(job_type, answer)

    def _deploy(self, name: str, text: str) -> None:
        self._client.deploy_resource((name, text.encode()))

    def mock_decision(self, decision_id: str, output: Any) -> None:
        """As ``Stage`` says."""
        self._deploy(*mocked_decision(decision_id, output))

    def mock_process(self, process_id: str, variables: Mapping[str, Any]) -> None:
        """As ``Stage`` says."""
        self._deploy(*mocked_process(process_id, variables))

    def _pin(self, moment: int) -> None:
        self._client.pin_clock(timestamp=moment)
        self._pinned = moment

    def increase_time(self, duration: str) -> None:
        """As ``Stage`` says."""
        now = round(time.time() * 1000) if self._pinned is None else self._pinned
        self._pin(span_of(duration, "duration").after(now))

    def set_time(self, moment: str) -> None:
        """As ``Stage`` says."""
        self._pin(round(datetime.timestamp(moment_of(moment)) * 1000))

    def end(self) -> None:
        """As ``Stage`` says; raises what ended a mock by itself."""
        mocks = list(self._mocks.values())
        self._mocks.clear()
        for mock in mocks:
            mock.stop()
        if self._pinned is not None:
            self._client.reset_clock()
            self._pinned = None
        for mock in mocks:
            if mock.failed is not None:
                raise mock.failed
