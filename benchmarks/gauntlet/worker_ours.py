"""Our worker as a contender. ``variant`` "stream": jobs are pushed as well; "fast": on the fast engine."""

from __future__ import annotations

from typing import Any

import bridge
from benchmarks.gauntlet.conduct import Conduct, Settings, isolated, say
from camunda_core.credentials import Bearer
from camunda_worker import Job, Worker


async def broken(job: Job, next: Any) -> Any:
    """A middleware that fails when the handler does."""
    try:
        return await next(job)
    except Exception:
        raise RuntimeError("the middleware fails too") from None


def crash(job: Job) -> dict[str, Any]:
    """In a process of its own."""
    say("run", key=str(job.key), running=1)
    return isolated(int(job.variables["n"]))


def main(settings: Settings) -> None:
    conduct = Conduct(settings)
    rest = settings.address.startswith("http")
    credentials = Bearer(settings.token) if settings.token else None
    given: dict[str, Any] = {"rest_address" if rest else "grpc_address": settings.address}
    if "fast" in settings.variant:
        given["engine"] = "fast"
    client = bridge.Client(credentials=credentials, **given)
    worker = Worker(client, grace=settings.grace)
    options: dict[str, Any] = {"timeout": settings.timeout, "stream": "stream" in settings.variant}
    if settings.limit:
        options["max_jobs_active"] = settings.limit
    if settings.handler == "raise twice":
        options["middleware"] = [broken]
    if settings.handler == "crash":
        worker.task(settings.job_type, execution="process", **options)(crash)
    else:

        @worker.task(settings.job_type, **options)
        async def handle(job: Job) -> dict[str, Any]:
            return await conduct.handle(job.key, int(job.variables["n"]))

    say("ready")
    try:
        worker.run()
        say("end", how="run() returned")
    except Exception as error:
        say("end", how=f"run() raised {type(error).__name__}")


if __name__ == "__main__":
    main(Settings.given())
