# Derived from aio_sending.py by scripts/derive_sync.py: change that file, then run the script.
"""The commands over REST alone: what ``RestClient`` sends for them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from camunda_core._later import Later
from camunda_core.errors import CamundaError
from camunda_core.retry import RetryPolicy
from camunda_rest._commands.client import Commands
from camunda_rest._commands.kinds import Limits
from camunda_rest._commands.resources import read_resources
from camunda_rest._commands.writing import Written, newer_in, refuse, write_command
from camunda_rest._invocation import DEFAULT
from camunda_rest._request import UnreadableAnswer
from camunda_rest.operations import FAIL_JOB, Version

if TYPE_CHECKING:
    from camunda_core import jobs
    from camunda_rest import _activated as activated
    from camunda_rest._commands import decoding
    from camunda_rest._commands.results import ActivatedJob
    from camunda_rest._encoding import JsonText
    from camunda_rest._invocation import Timeout
    from camunda_rest._request import Key
    from camunda_rest.operations import Operation
else:
    jobs, activated = Later("camunda_core.jobs"), Later("camunda_rest._activated")
    decoding = Later("camunda_rest._commands.decoding")

__all__ = ["RestCommands"]

T = TypeVar("T")

log = logging.getLogger("camunda_rest")


class RestCommands(Commands):
    """Sends each command as one request."""

    _tenant_id: str | None

    def call(
        self,
        operation: Operation,
        path: Mapping[str, Key] | None = None,
        body: Mapping[str, Any] | JsonText | None = None,
        *,
        files: Any = (),
        timeout: Timeout = DEFAULT,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """Performs an operation."""
        raise NotImplementedError

    def _rest_version(self) -> Version:
        raise NotImplementedError

    def _call(self, rpc: str, result: type[T], limits: Limits, /, **given: Any) -> T:
        written = write_command(type(self), rpc, given, self._tenant_id)
        return decoding.reader(result)(self._sent(rpc, written, limits), written.path)

    def _send(self, rpc: str, limits: Limits, /, **given: Any) -> None:
        self._sent(rpc, write_command(type(self), rpc, given, self._tenant_id), limits)

    def _deploy(self, rpc: str, result: type[T], limits: Limits, resources: Any, /, **given: Any) -> T:
        files = read_resources(resources, rpc)
        written = write_command(type(self), rpc, given, self._tenant_id, files)
        return decoding.reader(result)(self._sent(rpc, written, limits), {})

    def _activate(self, rpc: str, limits: Limits, /, **given: Any) -> list[ActivatedJob]:
        written = write_command(type(self), rpc, given, self._tenant_id)
        try:
            answer = self._sent(rpc, written, limits)
        except UnreadableAnswer as error:
            answer = error.piecewise()
        readable: list[ActivatedJob] = []
        for job in activated.jobs_of(answer):
            if isinstance(job, jobs.UnreadableJob):
                self._fail_unreadable(job)
            else:
                readable.append(job)
        return readable

    def _fail_unreadable(self, job: jobs.UnreadableJob) -> None:
        """It shows, and does not come again for ever; the others are not lost with it."""
        key, body = activated.failing(job)
        log.error("a job that cannot be read is failed, with %d retries left: %s", body["retries"], job.why)
        try:
            self.call(FAIL_JOB, {"jobKey": key}, body)
        except CamundaError as error:
            log.warning("job %s stays locked until its timeout: failing it failed: %s", key, error)

    def _sent(self, rpc: str, written: Written, limits: Limits) -> Any:
        timeout, retry = limits
        try:
            newer = newer_in(written)
            if newer:
                refuse(newer, self._rest_version())
            return self.call(
                written.operation,
                written.path,
                written.body or None,
                files=written.files,
                timeout=DEFAULT if timeout is None else timeout,
                retry=retry,
            )
        except CamundaError as error:
            error.operation = rpc
            raise
