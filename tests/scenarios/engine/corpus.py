"""Every scenario: importing this fills ``play.SCENARIOS``."""

from __future__ import annotations

from tests.scenarios.engine import (
    corpus_commands,
    corpus_events,
    corpus_flow,
    corpus_generated,
    corpus_guards,
    corpus_incidents,
    corpus_jobs,
    corpus_messages,
    corpus_migration,
    corpus_places,
    corpus_scopes,
    corpus_states,
    corpus_tasks,
    corpus_timers,
    corpus_validation,
    corpus_versions,
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
    corpus_states,
    corpus_guards,
    corpus_incidents,
    corpus_jobs,
    corpus_messages,
    corpus_timers,
    corpus_scopes,
    corpus_versions,
    corpus_migration,
    corpus_generated,
)
