"""Which failures end a worker, and after how many."""

from __future__ import annotations

import pytest

from camunda_core.errors import (
    AuthenticationError,
    InvalidRequest,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
)
from camunda_worker._intake.patience import Patience, in_words, is_foreign


def test_three_denials_in_a_row_are_permanent_for_a_worker_that_never_worked() -> None:
    patience = Patience(60)
    patience.failed(Unauthenticated("no"))
    patience.failed(PermissionDenied("no"))
    with pytest.raises(AuthenticationError):
        patience.failed(AuthenticationError("wrong secret"))


def test_denials_between_successes_are_not_permanent() -> None:
    patience = Patience(60)
    for _ in range(200):
        patience.failed(Unauthenticated("once"))
        patience.succeeded()
    for _ in range(200):
        patience.failed(Unauthenticated("for less than a minute"))


def test_denials_that_last_are_permanent_and_outages_never() -> None:
    patience = Patience(0)
    patience.succeeded()
    for _ in range(200):
        patience.failed(Unavailable("gone"))
    patience.failed(Unauthenticated("no"))
    patience.failed(Unauthenticated("no"))
    with pytest.raises(Unauthenticated):
        patience.failed(Unauthenticated("no"))


def test_what_was_refused_before_sending_is_permanent_at_once() -> None:
    with pytest.raises(InvalidRequest):
        Patience(60).failed(InvalidRequest("the type is too long"))


def _is_a_denial_until_something_succeeded(error: Unavailable) -> None:
    patience = Patience(60)
    patience.failed(error)
    patience.failed(error)
    with pytest.raises(Unavailable):
        patience.failed(error)
    patience = Patience(0)
    patience.succeeded()
    for _ in range(10):
        patience.failed(error)


@pytest.mark.parametrize("words", ["is this the gRPC port?", "is this the REST port?"])
def test_an_answer_in_another_protocol_is_a_denial_until_the_right_one_was_spoken(words: str) -> None:
    foreign = Unavailable(f"no HTTP/2; {words}")
    assert is_foreign(foreign)
    _is_a_denial_until_something_succeeded(foreign)


def test_a_mistake_of_tls_is_a_denial_until_there_was_a_connection() -> None:
    mistake = Unavailable("…; give its authority as tls=Tls(ca=...)", sent=False, lasting=True)
    _is_a_denial_until_something_succeeded(mistake)


def test_a_host_without_an_address_is_waited_for() -> None:
    patience = Patience(0)
    for _ in range(10):
        patience.failed(Unavailable("unknown host", sent=False, lasting=True))


def test_an_outage_between_denials_begins_the_count_anew() -> None:
    patience = Patience(60)
    for _ in range(50):
        patience.failed(Unauthenticated("no"))
        patience.failed(Unauthenticated("no"))
        patience.failed(Unavailable("gone"))


def test_a_pause_is_told_with_the_one_that_was_asked_for_where_that_is_longer() -> None:
    assert in_words(0.25, Unavailable("busy")) == "in 0.25 s"
    assert in_words(2, Unavailable("busy", retry_after=1)) == "in 2 s"
    asked = "in 2 s, although the server asks for a pause of 60 s"
    assert in_words(2, Unavailable("busy", retry_after=60)) == asked
