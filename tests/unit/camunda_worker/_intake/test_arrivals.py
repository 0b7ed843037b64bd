"""How old a job is when it arrives, whatever the clocks of others say."""

from __future__ import annotations

import pytest

from camunda_worker._intake.arrivals import Arrivals


def test_a_job_that_was_waited_for_is_fresh_whatever_the_clocks_say() -> None:
    arrivals = Arrivals()
    assert arrivals.age(asked=100.0, came=100.5, activated=7000.0) == 0
    assert arrivals.age(asked=101.0, came=101.5, activated=6000.0) == 0


def test_a_job_that_was_there_already_is_as_old_as_the_clocks_say() -> None:
    arrivals = Arrivals()
    arrivals.age(asked=99.0, came=100.0, activated=7000.0)
    assert arrivals.age(asked=110.0, came=110.0, activated=7002.0) == pytest.approx(8.0)


def test_no_job_is_older_than_the_last_time_that_there_was_none() -> None:
    arrivals = Arrivals()
    arrivals.age(asked=99.0, came=100.0, activated=7000.0)
    assert arrivals.age(asked=101.0, came=101.0, activated=3000.0) == pytest.approx(
        1.0
    )  # their clock went back
