"""The worker says what somebody should look at, and every record can say which job it is about."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import logging.config
import logging.handlers
import queue
import subprocess
import sys
import threading
from typing import Any

from camunda_core.jobs import ActivatedJob
from camunda_worker._job import Job
from camunda_worker._logs import FIELDS, JobLogFilter, current_job, handling, of_job

FORMAT = "%(job_key)s %(job_type)s %(process_instance_key)s %(element_id)s %(tenant_id)s %(message)s"


def job(key: str, **more: Any) -> Job:
    return Job(ActivatedJob(job_key=key, type="charge-card", **more))


class Lines(logging.Handler):
    """Keeps what it was given, formatted."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(FORMAT))
        self.addFilter(JobLogFilter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def logger_to(handler: logging.Handler) -> logging.Logger:
    logger = logging.Logger("a-library-that-a-handler-calls")
    logger.addHandler(handler)
    return logger


def test_a_program_that_sets_no_logging_up_sees_warnings_and_errors() -> None:
    code = (
        "import logging, camunda_worker; log = logging.getLogger('camunda_worker')\n"
        "log.info('by the way'); log.warning('look'); log.error('lost')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "look\nlost\n")


def test_outside_of_a_job_there_is_none_and_records_carry_dashes() -> None:
    lines = Lines()
    logger_to(lines).warning("hello")
    assert current_job() is None
    assert lines.lines == ["- - - - - hello"]


def test_records_within_a_job_carry_its_keys_and_the_next_ones_do_not() -> None:
    lines = Lines()
    logger = logger_to(lines)
    first = job("7", process_instance_key="3", element_id="charge", tenant_id="red")
    with handling(first):
        assert current_job() is first
        logger.info("within")
    logger.info("after")
    assert lines.lines == ["7 charge-card 3 charge red within", "- - - - - after"]


def test_what_a_job_does_not_have_is_a_dash() -> None:
    assert of_job(job("7")) == {
        "job_key": "7",
        "job_type": "charge-card",
        "process_instance_key": "-",
        "element_id": "-",
        "tenant_id": "-",
    }
    assert tuple(of_job(job("7"))) == FIELDS


def test_the_extra_of_a_record_wins_over_the_current_job() -> None:
    lines = Lines()
    with handling(job("7")):
        logger_to(lines).info("about another", extra=of_job(job("8")))
    assert lines.lines == ["8 charge-card - - - about another"]


async def test_concurrent_tasks_have_each_their_own_job() -> None:
    lines = Lines()
    logger = logger_to(lines)
    begun = [asyncio.Event(), asyncio.Event()]

    async def handle(index: int) -> None:
        with handling(job(str(index))):
            begun[index].set()
            await begun[1 - index].wait()
            logger.info("handled")

    await asyncio.wait_for(asyncio.gather(handle(0), handle(1)), 10)
    assert sorted(lines.lines) == ["0 charge-card - - - handled", "1 charge-card - - - handled"]
    assert current_job() is None


def test_a_thread_that_runs_in_a_copy_of_the_context_has_the_job() -> None:
    lines = Lines()
    logger = logger_to(lines)
    with handling(job("7")):
        context = contextvars.copy_context()
        inside = threading.Thread(target=context.run, args=(logger.info, "copied"))
    inside.start()
    inside.join(10)
    assert lines.lines == ["7 charge-card - - - copied"]


def test_a_queue_handler_takes_the_job_along_to_the_thread_that_writes() -> None:
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    sending = logging.handlers.QueueHandler(records)
    sending.addFilter(JobLogFilter())
    with handling(job("7")):
        logger_to(sending).info("sent")
    assert logging.Formatter(FORMAT).format(records.get(timeout=10)) == "7 charge-card - - - sent"


def test_the_filter_can_be_named_in_a_logging_configuration() -> None:
    name = "camunda_worker.test-of-the-configuration"
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"job": {"()": "camunda_worker._logs.JobLogFilter"}},
            "handlers": {"kept": {"()": Lines, "filters": ["job"]}},
            "loggers": {name: {"handlers": ["kept"], "level": "INFO"}},
        }
    )
    logger = logging.getLogger(name)
    (kept,) = logger.handlers
    assert isinstance(kept, Lines)
    with handling(job("7")):
        logger.info("configured")
    logger.removeHandler(kept)
    assert kept.lines == ["7 charge-card - - - configured"]
