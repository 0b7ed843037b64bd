"""Assertions of process instances, for tests on the embedded gateway and on clusters from 8.8 on.

    from camunda_embedded.testing import assert_that

    assert_that(order).is_waiting_at("approve").has_variable("total", 12)
    assert_that(order).until("3d").is_completed()

They read the log of an ``EmbeddedGateway``, or the searches of a ``bridge.Client``.
"""

from __future__ import annotations

from camunda_embedded._mocking import MockedJob, MockWorker
from camunda_embedded._spans import Span
from camunda_embedded.testing._cases.reading import Case, Instruction, read_cases
from camunda_embedded.testing._cases.running import CaseRunner
from camunda_embedded.testing._facts import (
    DecisionFacts,
    ElementFacts,
    IncidentFacts,
    InstanceFacts,
    JobFacts,
    UserTaskFacts,
)
from camunda_embedded.testing._instance import InstanceAssert, assert_that
from camunda_embedded.testing._source import Source, using
from camunda_embedded.testing._tasks import DecisionAssert, UserTaskAssert
from camunda_embedded.testing._waiting import until

__all__ = [
    "Case",
    "CaseRunner",
    "DecisionAssert",
    "DecisionFacts",
    "ElementFacts",
    "IncidentFacts",
    "InstanceAssert",
    "InstanceFacts",
    "Instruction",
    "JobFacts",
    "MockWorker",
    "MockedJob",
    "Source",
    "Span",
    "UserTaskAssert",
    "UserTaskFacts",
    "assert_that",
    "read_cases",
    "until",
    "using",
]
