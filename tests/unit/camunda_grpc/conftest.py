"""A scripted gateway for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.grpc import ScriptedGateway


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    yield made
    made.release()
    made.stop()
