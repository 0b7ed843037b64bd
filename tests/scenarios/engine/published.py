"""Scenarios of what was never recorded: they are held to what is published, each to a page that it names.

What a scenario asserts is what the page says. Its whole trace is kept besides, in ``tests/data/published/engine``, so that
nothing about it changes unseen: ``python -m tests.scenarios.engine.published`` writes those that are not there yet, with
``--again`` all. They are ours, and no recordings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.gateways.embedded import Embedded
from tests.scenarios.engine.play import Play, Scenario

__all__ = ["DOCS", "PUBLISHED", "TRACES", "Published", "kept", "played", "published", "seen"]

#: Where the pages are.
DOCS = "https://docs.camunda.io/docs/"
TRACES = Path(__file__).parents[2] / "data" / "published" / "engine"


@dataclass(frozen=True)
class Published:
    """A scenario, the feature that it shows, the page (below ``DOCS``) that says so, and the dialect that it is played on."""

    play: Scenario
    feature: str
    page: str
    dialect: str


#: By the names of their functions.
PUBLISHED: dict[str, Published] = {}


def published(feature: str, page: str, *, dialect: str = "8.6") -> Callable[[Scenario], Scenario]:
    """Adds a function to the scenarios; its name says what holds."""

    def add(function: Scenario) -> Scenario:
        if function.__name__ in PUBLISHED:
            raise ValueError(f"two scenarios of the name {function.__name__}")
        PUBLISHED[function.__name__] = Published(function, feature, page, dialect)
        return function

    return add


def played(name: str) -> list[str]:
    """The trace of a scenario, played on a gateway of its own."""
    found = PUBLISHED[name]
    with Embedded(found.dialect) as gateway:
        play = Play(gateway)
        found.play(play)
        return play.trace()


def kept(name: str) -> list[str]:
    """The trace that is kept of a scenario."""
    return (TRACES / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def seen(play: Play, intent: str = "ELEMENT_COMPLETED") -> list[str]:
    """The ids of the elements that something happened to so far, in order; sequence flows with ``SEQUENCE_FLOW_TAKEN``."""
    return [
        r["value"]["elementId"]
        for r in play.records()
        if r["valueType"] == "PROCESS_INSTANCE" and r["recordType"] == "EVENT" and r["intent"] == intent
    ]


def main(arguments: list[str]) -> int:
    from tests.scenarios.engine import published_corpus  # noqa: F401  # fills PUBLISHED

    known = sys.modules["tests.scenarios.engine.published"]
    TRACES.mkdir(parents=True, exist_ok=True)
    for old in TRACES.glob("*.txt"):
        if old.stem not in known.PUBLISHED:
            old.unlink()
    for name in known.PUBLISHED:
        path = TRACES / f"{name}.txt"
        if "--again" in arguments or not path.exists():
            path.write_text("\n".join(known.played(name)) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
