"""Every scenario that is held to what is published: importing this fills ``published.PUBLISHED``."""

from __future__ import annotations

from tests.scenarios.engine import (
    published_ad_hoc,
    published_binding,
    published_compensation,
    published_conditions,
    published_escalations,
    published_event_subprocesses,
    published_generated,
    published_generated_tasks,
    published_inclusive,
    published_listeners,
    published_task_listeners,
    published_user_tasks,
)
from tests.scenarios.engine.published import PUBLISHED

__all__ = ["PARTS", "PUBLISHED"]

PARTS = (
    published_ad_hoc,
    published_binding,
    published_inclusive,
    published_compensation,
    published_generated,
    published_user_tasks,
    published_listeners,
    published_task_listeners,
    published_generated_tasks,
    published_conditions,
    published_escalations,
    published_event_subprocesses,
)
