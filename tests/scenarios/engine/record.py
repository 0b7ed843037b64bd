"""Writes down what a real 8.6.0 does in each scenario: ``python -m tests.scenarios.engine.record [part of a name ...]``."""

from __future__ import annotations

import sys

from tests.gateways.registry import GATEWAYS
from tests.scenarios.engine.corpus import SCENARIOS
from tests.scenarios.engine.play import Play
from tests.scenarios.engine.test_corpus import TRACES


def main(parts: list[str]) -> None:
    entry = GATEWAYS["broker-8.6.0"]
    entry.prepare()
    TRACES.mkdir(parents=True, exist_ok=True)
    with entry.make() as gateway:
        for name, scenario in SCENARIOS.items():
            if parts and not any(part in name for part in parts):
                continue
            play = Play(gateway)
            scenario(play)
            (TRACES / f"{name}.txt").write_text("\n".join(play.trace()) + "\n")
            print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
