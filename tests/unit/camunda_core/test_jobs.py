"""Jobs as objects: compared, shown, copied, replaced and pickled like frozen ones, though they are not frozen."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from camunda_core.jobs import ActivatedJob, UnreadableJob

JOBS = [
    ActivatedJob(job_key="1", variables={"a": 1}),
    UnreadableJob(job_key="1", why="its variables are not JSON"),
]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_can_be_copied_replaced_and_pickled(job: Any) -> None:
    assert copy.copy(job) == copy.deepcopy(job) == pickle.loads(pickle.dumps(job)) == job
    other = dataclasses.replace(job, job_key="2")
    assert (type(other), other.job_key, other.variables) == (type(job), "2", job.variables)
    assert other != job
    assert f"{type(job).__name__}(job_key='1', type=''" in repr(job)


@pytest.mark.parametrize("job", JOBS)
def test_a_job_has_its_fields_and_no_others(job: Any) -> None:
    with pytest.raises(AttributeError):
        job.jobKey = "2"
    with pytest.raises(TypeError, match="unhashable"):
        hash(job)


def test_what_only_one_wire_says_does_not_count_when_jobs_are_compared() -> None:
    assert ActivatedJob(job_key="1", business_id="b") == ActivatedJob(job_key="1")


def test_defaults_that_are_made_are_made_for_each() -> None:
    assert ActivatedJob(job_key="1").variables is not ActivatedJob(job_key="1").variables


def test_a_field_that_is_missing_unknown_or_given_by_position_is_refused() -> None:
    make: Any = ActivatedJob
    for call in (lambda: make(), lambda: make(job_key="1", unknown=2), lambda: make("1")):
        with pytest.raises(TypeError):
            call()


def test_an_unreadable_job_is_compared_and_shown_with_its_reason() -> None:
    job = UnreadableJob(job_key="1", why="too deep")
    assert job == UnreadableJob(job_key="1", why="too deep")
    assert job != UnreadableJob(job_key="1", why="no JSON")
    assert job != UnreadableJob(job_key="2", why="too deep")
    assert job != ActivatedJob(job_key="1")
    assert ActivatedJob(job_key="1") != job
    assert repr(job).endswith(", why='too deep')")
    with pytest.raises(TypeError, match="unhashable"):
        hash(job)
    with pytest.raises(TypeError):
        UnreadableJob(job_key="1", nothing=1)
