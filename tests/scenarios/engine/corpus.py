"""Every scenario: importing this fills ``play.SCENARIOS``."""

from __future__ import annotations

from tests.scenarios.engine import (
    corpus_commands,
    corpus_events,
    corpus_flow,
    corpus_generated,
    corpus_places,
    corpus_tasks,
    corpus_validation,
)
from tests.scenarios.engine.play import SCENARIOS

__all__ = ["PARTS", "SCENARIOS"]

PARTS = (
    corpus_tasks,
    corpus_flow,
    corpus_events,
    corpus_commands,
    corpus_validation,
    corpus_places,
    corpus_generated,
)
