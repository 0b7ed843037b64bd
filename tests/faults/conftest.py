"""What tests of faults share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.fakes.http2 import Peer
from tests.faults.frames import Play


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    made: list[Peer] = []

    def make(*scripts: Play) -> Peer:
        made.append(Peer(*scripts))
        return made[-1]

    yield make
    for each in made:
        each.close()
