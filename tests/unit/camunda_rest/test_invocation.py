"""What a call decides between its attempts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from camunda_core._secrecy import Sealed
from camunda_core.credentials import Credentials
from camunda_core.errors import (
    Aborted,
    AuthenticationError,
    CamundaError,
    DeadlineExceeded,
    Internal,
    InvalidRequest,
    NotFound,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
)
from camunda_core.retry import RetryPolicy
from camunda_rest import operations
from camunda_rest._invocation import ANONYMOUS, DEFAULT, Failure, Invocation, extra_headers, time_limit

AT_ONCE = RetryPolicy(max_attempts=3, initial_delay=0)


class Counting(Credentials):
    def __init__(self, worthwhile: bool) -> None:
        self.worthwhile = worthwhile
        self.seen: list[Mapping[str, str]] = []

    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        return {}

    def rejected(self, headers: Mapping[str, str]) -> bool:
        self.seen.append(headers)
        return self.worthwhile


def a_call(
    operation: Any = operations.COMPLETE_JOB, credentials: Any = None, timeout: Any = 10.0
) -> Invocation:
    return Invocation(operation, AT_ONCE, credentials, timeout)


@pytest.mark.parametrize(
    ("operation", "body", "limit"),
    [
        (operations.COMPLETE_JOB, None, 10.0),
        (operations.COMPLETE_JOB, {"requestTimeout": 5000}, 10.0),
        (operations.ACTIVATE_JOBS, {}, 20.0),
        (operations.ACTIVATE_JOBS, None, 20.0),
        (operations.ACTIVATE_JOBS, {"requestTimeout": 0}, 20.0),
        (operations.ACTIVATE_JOBS, {"requestTimeout": None}, 20.0),
        (operations.ACTIVATE_JOBS, {"requestTimeout": 25_000}, 35.0),
        (operations.ACTIVATE_JOBS, {"requestTimeout": -1}, 10.0),
        (operations.ACTIVATE_JOBS, {"requestTimeout": "soon"}, 20.0),
        (operations.CREATE_PROCESS_INSTANCE, {"requestTimeout": 5000}, 10.0),
        (operations.CREATE_PROCESS_INSTANCE, {"awaitCompletion": False, "requestTimeout": 5000}, 10.0),
        (operations.CREATE_PROCESS_INSTANCE, {"awaitCompletion": True}, 25.0),
        (operations.CREATE_PROCESS_INSTANCE, {"awaitCompletion": True, "requestTimeout": 60_000}, 70.0),
        (operations.CREATE_PROCESS_INSTANCE, {"awaitCompletion": True, "requestTimeout": -1}, 25.0),
    ],
)
def test_the_time_limit_grows_by_what_the_server_was_asked_to_wait(
    operation: Any, body: Any, limit: float
) -> None:
    assert time_limit(operation, body, DEFAULT, 10.0) == limit
    assert time_limit(operation, body, 3, 10.0) == 3.0
    assert time_limit(operation, body, timedelta(minutes=2), 10.0) == 120.0
    assert time_limit(operation, body, None, 10.0) is None
    assert time_limit(operation, body, DEFAULT, None) is None


@pytest.mark.parametrize("timeout", [True, "3", math.nan, math.inf])
def test_a_time_limit_that_is_none_is_refused(timeout: Any) -> None:
    with pytest.raises(InvalidRequest, match="timeout"):
        time_limit(operations.COMPLETE_JOB, None, timeout, 10.0)


@pytest.mark.parametrize(
    ("how", "repeatable", "other", "sent"),
    [
        (Failure.UNREACHABLE, Unavailable, Unavailable, False),
        (Failure.UNTRUSTED, Unavailable, Unavailable, False),
        (Failure.TIMED_OUT, DeadlineExceeded, DeadlineExceeded, True),
        (Failure.LOST, Unavailable, Aborted, True),
        (Failure.FOREIGN, Internal, Internal, True),
    ],
)
def test_an_attempt_without_an_answer_means_what_the_operation_makes_of_it(
    how: Failure, repeatable: type[CamundaError], other: type[CamundaError], sent: bool
) -> None:
    for operation, error in (
        (operations.COMPLETE_JOB, repeatable),
        (operations.CREATE_PROCESS_INSTANCE, other),
    ):
        got = a_call(operation).failure(how, "why")
        assert (type(got), got.sent, got.answered) == (error, sent, False)
        assert got.operation == operation.id


def test_a_failure_is_repeated_as_often_as_the_policy_says() -> None:
    call = a_call()
    assert [call.pause_after(ResourceExhausted("x"), ANONYMOUS) for _ in range(4)] == [0.0, 0.0, None, None]


def test_a_final_failure_is_not_repeated() -> None:
    call = a_call()
    assert call.pause_after(call.failure(Failure.UNREACHABLE, "x"), ANONYMOUS) == 0.0
    assert call.pause_after(call.failure(Failure.UNTRUSTED, "x"), ANONYMOUS) is None
    assert call.pause_after(NotFound("x"), ANONYMOUS) is None


def test_a_rejected_token_costs_no_attempt_and_is_renewed_once() -> None:
    credentials = Counting(worthwhile=True)
    call = a_call(credentials=credentials)
    assert call.pause_after(Unauthenticated("x"), Sealed({"authorization": "1"})) == 0.0
    assert call.pause_after(Unauthenticated("x"), Sealed({"authorization": "2"})) is None
    assert credentials.seen == [{"authorization": "1"}]
    assert call.pause_after(ResourceExhausted("x"), ANONYMOUS) == 0.0
    assert call.pause_after(ResourceExhausted("x"), ANONYMOUS) == 0.0


def test_credentials_that_have_nothing_newer_end_the_call() -> None:
    assert a_call(credentials=Counting(worthwhile=False)).pause_after(Unauthenticated("x"), ANONYMOUS) is None
    assert a_call().pause_after(Unauthenticated("x"), ANONYMOUS) is None


def test_a_token_endpoint_that_refuses_is_not_a_rejected_token() -> None:
    credentials = Counting(worthwhile=True)
    assert (
        a_call(credentials=credentials).pause_after(AuthenticationError("x", sent=False), ANONYMOUS) is None
    )
    assert credentials.seen == []


def test_every_error_names_its_operation() -> None:
    error = Unavailable("no token", sent=False)
    a_call().pause_after(error, ANONYMOUS)
    assert error.operation == "completeJob"


def test_no_time_left_is_said_before_anything_is_sent() -> None:
    with pytest.raises(DeadlineExceeded) as caught:
        a_call(timeout=0.0).time_left()
    assert (caught.value.sent, caught.value.operation) == (False, "completeJob")
    assert a_call(timeout=None).time_left() is None
    left = a_call(timeout=100.0).time_left()
    assert left is not None
    assert 0 < left <= 100


def test_extra_headers_are_taken_in_lower_case() -> None:
    assert extra_headers({"X-Trace": "a b", "Authorization": "me"}) == {
        "x-trace": "a b",
        "authorization": "me",
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"host": "elsewhere"},
        {"x": "a\r\nb: c"},
        {"x\n": "a"},
        {"": "a"},
        {"x": "ü"},
        {"x": 1},
        {1: "x"},
    ],
)
def test_headers_that_would_break_or_change_the_request_are_refused(headers: Any) -> None:
    with pytest.raises(InvalidRequest, match="headers"):
        extra_headers(headers)
