from __future__ import annotations

import pytest

from bridge._doors import polling


@pytest.fixture(autouse=True)
def _short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing waits for the poll on the wire, so that tests would spend their time in it."""
    monkeypatch.setattr(polling, "SLICE", 0.5)
