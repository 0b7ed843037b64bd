"""Workers are tested with both ways that a wire may have to complete jobs."""

from __future__ import annotations

import pytest

from tests.fakes.job_wire import MemoryWire, begin_completing


@pytest.fixture(params=["awaited", "begun"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """``begun``: wires have ``begin_completing``."""
    if request.param == "begun":
        monkeypatch.setattr(MemoryWire, "begin_completing", begin_completing, raising=False)
