"""The cheap constructor of a frozen dataclass makes the very same objects."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from camunda_core._frozen import constructor_of
from camunda_core.jobs import ActivatedJob, UserTask


@pytest.mark.parametrize("cls", [ActivatedJob, UserTask])
def test_what_it_makes_is_what_the_class_makes(cls: type) -> None:
    make = constructor_of(cls)
    given = {each.name: object() for each in dataclasses.fields(cls)}
    for fields in (given, {"job_key": "1"} if cls is ActivatedJob else {}):
        made = make(**fields)
        assert type(made) is cls
        assert made == cls(**fields)
        assert repr(made) == repr(cls(**fields))


def test_what_it_makes_is_frozen_and_can_be_copied_replaced_and_pickled() -> None:
    job = constructor_of(ActivatedJob)(job_key="1", variables={"a": 1})
    with pytest.raises(dataclasses.FrozenInstanceError):
        job.job_key = "2"  # type: ignore[misc]
    assert copy.copy(job) == pickle.loads(pickle.dumps(job)) == job
    assert dataclasses.replace(job, job_key="2") == ActivatedJob(job_key="2", variables={"a": 1})


def test_defaults_that_are_made_are_made_for_each() -> None:
    make = constructor_of(ActivatedJob)
    assert make(job_key="1").variables is not make(job_key="1").variables


def test_a_field_that_is_missing_unknown_or_given_by_position_is_refused() -> None:
    make = constructor_of(ActivatedJob)
    for call in (lambda: make(), lambda: make(job_key="1", unknown=2), lambda: make("1")):
        with pytest.raises(TypeError):
            call()
