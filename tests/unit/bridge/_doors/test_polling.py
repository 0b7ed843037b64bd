"""What a long poll over REST is on the wire: its slices, their ends, and what becomes of the jobs that they bring."""

from __future__ import annotations

from typing import Any

import pytest

from bridge._doors import polling
from bridge._doors.polling import HEADROOM, RESULT_HEADROOM, LongPoll, StreamPlan
from bridge._table.mapping import RestRequest
from camunda_core import errors
from camunda_core.deadline import Deadline
from camunda_core.jobs import UnreadableJob
from camunda_rest import operations as op


class Clock:
    """Stands for the monotonic clock."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of polls and of the deadlines made here."""
    clock = Clock()
    monkeypatch.setattr(polling, "SLICE", 4.0)
    monkeypatch.setattr(polling, "Deadline", lambda timeout: Deadline(timeout, clock))
    return clock


def activation(**body: Any) -> RestRequest:
    return RestRequest(op.ACTIVATE_JOBS, {}, {"type": "work", **body})


def waits(poll: LongPoll, clock: Clock) -> list[float]:
    """For how long each slice waits, when every slice comes back empty at its end."""
    found: list[float] = []
    while (each := poll.next()) is not None:
        assert each.request.body["requestTimeout"] == (int(each.wait * 1000) or -1)
        found.append(each.wait)
        clock.now += each.wait + 1e-9
        assert len(found) < 20
    return found


# Slices


@pytest.mark.parametrize(
    ("asked", "slices"),
    [
        (10_000, [4, 4, 2]),
        (4_000, [4]),
        (1_500, [1.5]),
        (0, [4, 4, 2]),  # the server's default
        (None, [4, 4, 2]),
        (-1, [0]),
    ],
)
def test_a_poll_waits_as_long_as_it_was_asked_to_in_slices(
    clock: Clock, asked: int | None, slices: list[float]
) -> None:
    body = {} if asked is None else {"requestTimeout": asked}
    poll = LongPoll(activation(**body), Deadline(None, clock))
    assert waits(poll, clock) == pytest.approx(slices)
    assert not poll.overdue


def test_the_deadline_of_the_caller_ends_a_poll_early_enough_for_its_answer(clock: Clock) -> None:
    poll = LongPoll(activation(requestTimeout=60_000), Deadline(6, clock))
    assert waits(poll, clock) == pytest.approx([4, 1])  # a second is kept
    assert poll.overdue
    short = LongPoll(activation(requestTimeout=60_000), Deadline(1, clock))
    assert waits(short, clock) == pytest.approx([0.3])  # of a short time the larger share


def test_an_answer_may_take_its_wait_and_some_headroom_but_no_longer_than_the_call(clock: Clock) -> None:
    first = LongPoll(activation(requestTimeout=3000), Deadline(None, clock)).next()
    assert first is not None
    assert first.timeout == 3 + HEADROOM
    bounded = LongPoll(activation(requestTimeout=3000), Deadline(5, clock)).next()
    assert bounded is not None
    assert bounded.timeout == 5


def test_a_poll_is_sent_once_even_when_no_time_is_left(clock: Clock) -> None:
    poll = LongPoll(activation(requestTimeout=10_000), Deadline(0, clock))
    assert waits(poll, clock) == [0]


def test_a_server_that_answers_empty_at_once_is_not_hammered(clock: Clock) -> None:
    waiting = LongPoll(activation(), Deadline(None, clock)).next()
    asking = LongPoll(activation(requestTimeout=-1), Deadline(None, clock)).next()
    assert waiting is not None
    assert asking is not None
    assert polling.early(waiting, took=0.001) > 0
    assert polling.early(waiting, took=3.9) == 0
    assert polling.early(asking, took=0.001) == 0  # it was not to wait


# Streams


@pytest.mark.parametrize(("unread", "wants"), [(0, True), (16, True), (17, False), (32, False)])
def test_a_stream_polls_when_at_most_half_is_unread(unread: int, wants: bool) -> None:
    assert StreamPlan(activation(), capacity=32).wants(unread) is wants


def test_a_stream_asks_for_as_many_jobs_as_there_is_room_for(clock: Clock) -> None:
    plan = StreamPlan(activation(fetchVariable=["a"]), capacity=32)
    body = plan.poll(10, Deadline(None, clock)).request.body
    assert body == {"type": "work", "fetchVariable": ["a"], "maxJobsToActivate": 22, "requestTimeout": 4000}
    assert plan.poll(40, Deadline(None, clock)).request.body["maxJobsToActivate"] == 1


def test_the_last_poll_of_a_stream_ends_before_its_deadline(clock: Clock) -> None:
    assert StreamPlan(activation()).poll(0, Deadline(3, clock)).wait == 2
    assert StreamPlan(activation()).poll(0, Deadline(0, clock)).request.body["requestTimeout"] == -1


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        (errors.InvalidArgument, True),
        (errors.NotFound, True),
        (errors.PermissionDenied, True),
        (errors.Unauthenticated, True),
        (errors.Unimplemented, True),
        (errors.Unavailable, False),
        (errors.ResourceExhausted, False),
        (errors.Internal, False),
        (errors.DeadlineExceeded, False),
    ],
)
def test_what_would_fail_again_ends_a_stream_and_an_outage_does_not(
    kind: type[errors.CamundaError], ends: bool
) -> None:
    assert polling.ends_stream(kind("no")) is ends


def test_a_reader_that_left_takes_no_more_jobs() -> None:
    assert polling.was_left(errors.Cancelled("left"))
    assert polling.was_left(errors.DeadlineExceeded("late"))
    assert not polling.was_left(errors.Unavailable("gone"))


def test_whatever_ends_a_stream_by_itself_reaches_its_reader_as_an_error_of_the_call() -> None:
    known = errors.NotFound("no")
    assert polling.stream_error(known, "StreamActivatedJobs") is known
    cause = ZeroDivisionError("oh")
    made = polling.stream_error(cause, "StreamActivatedJobs")
    assert isinstance(made, errors.Internal)
    assert (made.operation, made.__cause__) == ("StreamActivatedJobs", cause)
    assert "ZeroDivisionError: oh" in made.message


# Calls that are awaited


@pytest.mark.parametrize(
    ("request_", "seconds"),
    [
        (RestRequest(op.GET_TOPOLOGY), 7),
        (activation(requestTimeout=20_000), 20 + HEADROOM),
        (activation(), 10 + HEADROOM),
        (activation(requestTimeout=-1), HEADROOM),
        (RestRequest(op.CREATE_PROCESS_INSTANCE, {}, {}), 7),
        (RestRequest(op.CREATE_PROCESS_INSTANCE, {}, {"awaitCompletion": True}), 15 + HEADROOM),
        (
            RestRequest(op.CREATE_PROCESS_INSTANCE, {}, {"awaitCompletion": True, "requestTimeout": 5000}),
            5 + RESULT_HEADROOM,
        ),
    ],
    ids=["plain", "poll", "poll by default", "no wait", "created", "awaited", "awaited with a limit"],
)
def test_a_call_without_a_limit_has_the_servers_own_wait_and_some_headroom(
    request_: RestRequest, seconds: float
) -> None:
    assert polling.time_for(request_, 7) == seconds


# Jobs that nobody took, and those that cannot be read


def test_a_job_is_given_back_with_its_retries_and_its_lease() -> None:
    job = {"jobKey": "5", "retries": 2, "jobLeaseToken": "lease", "type": "work"}
    key, body = polling.returning(job) or ("", {})
    assert key == "5"
    assert (body["retries"], body["retryBackOff"], body["jobLeaseToken"]) == (2, 0, "lease")
    assert polling.returning({"type": "work"}) is None
    assert polling.returning("what") is None


def test_a_job_that_cannot_be_read_costs_a_retry_and_says_why() -> None:
    assert polling.failing(UnreadableJob(job_key="5", retries=3, why="too deep")) == (
        "5",
        {"retries": 2, "errorMessage": "too deep", "retryBackOff": 0},
    )
    key, body = polling.failing(
        UnreadableJob(job_key="5", retries=0, why="too deep", job_lease_token="lease")
    )
    assert (key, body["retries"], body["jobLeaseToken"]) == ("5", 0, "lease")


def test_one_job_that_cannot_be_read_costs_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def read(job: Any) -> str:
        if job["jobKey"] == "2":
            raise ValueError("of a deserializer")
        return f"read {job['jobKey']}"

    jobs = [{"jobKey": "1"}, {"jobKey": "2", "retries": 3}, {"type": "no key"}, {"jobKey": "3"}]
    readable, unreadable = polling.read_jobs(jobs, read)
    assert readable == [("read 1", jobs[0]), ("read 3", jobs[3])]
    assert [(each.job_key, each.retries) for each in unreadable] == [("2", 3)]
    assert "of a deserializer" in unreadable[0].why
    assert "a job stays locked until its timeout" in caplog.text
