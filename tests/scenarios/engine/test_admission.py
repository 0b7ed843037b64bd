"""Which models the embedded gateway takes, and how it refuses the others: as a real 8.6.0 did, model by model."""

from __future__ import annotations

import logging

import pytest

from camunda_embedded._bpmn.file import InvalidResource
from camunda_embedded._bpmn.parse import read
from tests.gateways.embedded import Embedded
from tests.scenarios.engine.admission import DIFFERENCES, MODELS, answer, missing_features, normal
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    catch,
    error_event,
    flows,
    process,
    task,
    timer,
)
from tests.scenarios.engine.play import Play


@pytest.mark.parametrize("name", [name for name in MODELS if name not in DIFFERENCES])
def test_a_model_is_answered_as_the_real_one_did(name: str) -> None:
    if missing_features(name):
        return  # refused by name, which the document of conformance lists
    assert normal(answer(name)) == normal(MODELS[name]["answer"])


@pytest.mark.parametrize("name", DIFFERENCES)
def test_what_is_called_a_difference_is_one(name: str) -> None:
    assert normal(answer(name)) != normal(MODELS[name]["answer"])


def test_one_warning_names_what_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="camunda_embedded"):
        answer("camunda7-asyncBefore")
    assert [record.getMessage() for record in caplog.records] == [
        "m.bpmn: ignored, as Camunda 8 ignores it: camunda:asyncBefore"
    ]


@pytest.mark.parametrize("attributes", ["", 'errorCode=""'])
def test_a_boundary_event_whose_error_has_no_code_catches_every_error(attributes: str) -> None:
    """As 8.6.0 did, recorded on 2026-11-29."""
    caught = task("c", "ec-caught")
    model = process(
        "ec", START, task("t", "ec-t"), boundary("b", "t", error_event("x"), "c"), caught, END, flows("s>t>e"),
        top=f'<error id="x" name="n" {attributes}/>',
    )  # fmt: skip
    with Embedded("8.6") as gateway:
        play = Play(gateway)
        play.deploy(model)
        play.create("ec")
        (job,) = play.call("ActivateJobs", type="ec-t", worker="w", timeout=60_000, maxJobsToActivate=1)
        play.call("ThrowError", jobKey=job.key, errorCode="any")
        assert (
            len(play.call("ActivateJobs", type="ec-caught", worker="w", timeout=60_000, maxJobsToActivate=1))
            == 1
        )


def test_a_timer_without_a_text_is_refused() -> None:
    with pytest.raises(InvalidResource, match="Expected expression but not found"):
        read(process("p", START, catch("a", timer("Duration", "")), END, flows("s>a>e")).encode())
