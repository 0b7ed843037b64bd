"""Which models the embedded gateway takes, and how it refuses the others: as a real 8.6.0 did, model by model."""

from __future__ import annotations

import logging

import pytest

from tests.scenarios.engine.admission import DIFFERENCES, MODELS, answer, missing_features, normal


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
