"""A job that a program does: variables on its standard input, the result on its standard output."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from typing import Any

from camunda_cli._output import shown
from camunda_cli._settings import Session
from camunda_worker import Job, JobFailure

__all__ = ["handle_with"]

#: Characters of what a program complains of.
_LONGEST = 500


def handle_with(session: Session, command: str) -> Callable[[Job], Awaitable[dict[str, Any]]]:
    """A handler that runs ``command`` for each job."""
    line = shlex.split(command)

    async def run(job: Job) -> dict[str, Any]:
        given = {"JOB_KEY": str(job.key), "JOB_TYPE": job.type, "JOB_RETRIES": str(job.retries)}
        try:
            process = await asyncio.create_subprocess_exec(
                *line, stdin=PIPE, stdout=PIPE, stderr=PIPE, env={**os.environ, **given}
            )
        except OSError as error:
            raise JobFailure(f"{command} cannot be run: {error.strerror}") from None
        try:
            out, err = await process.communicate(json.dumps(job.variables).encode())
        finally:
            if process.returncode is None:  # the worker is stopped, and the grace is over
                process.kill()
        if process.returncode:
            text = err.decode("utf-8", "replace").strip()[-_LONGEST:]
            raise JobFailure(text or f"{command} ended with {process.returncode}")
        try:
            result = json.loads(out) if out.strip() else {}
        except ValueError as error:
            raise JobFailure(f"{command} printed no JSON: {error}") from None
        if not isinstance(result, dict):
            raise JobFailure(f"{command} printed no JSON object: {shown(result)[:_LONGEST]}")
        session.output.event({"job_key": str(job.key), "result": result}, f"{job.key}  {shown(result)}")
        return result

    return run
