"""Writes down what the real engines do: ``python -m tests.scenarios.engine.record [--newer] [part of a scenario's name ...]``.

Of a real 8.6.0 its traces; with ``--newer``, of the engine of 8.8, how its traces compare with those (``lines``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from tests.gateways.registry import GATEWAYS
from tests.scenarios.engine.corpus import SCENARIOS
from tests.scenarios.engine.lines import ENGINE, TRACES, VERDICTS, recorded, verdict
from tests.scenarios.engine.play import Play


def played(gateway_name: str, parts: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Plays the scenarios on a gateway of its own and yields their names and traces."""
    entry = GATEWAYS[gateway_name]
    entry.prepare()
    with entry.make() as gateway:
        for name, scenario in SCENARIOS.items():
            if parts and not any(part in name for part in parts):
                continue
            play = Play(gateway)
            scenario(play)
            yield name, play.trace()


def main(arguments: list[str]) -> None:
    parts = [argument for argument in arguments if argument != "--newer"]
    if "--newer" not in arguments:
        TRACES.mkdir(parents=True, exist_ok=True)
        for name, trace in played("broker-8.6.0", parts):
            (TRACES / f"{name}.txt").write_text("\n".join(trace) + "\n")
            print(name)
        return
    known = json.loads(VERDICTS.read_text()) if VERDICTS.exists() else {}
    for name, trace in played(ENGINE, parts):
        known[name] = list(verdict(recorded(name), trace))
        print(name, *known[name])
    lines = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known) if name in SCENARIOS]
    VERDICTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
