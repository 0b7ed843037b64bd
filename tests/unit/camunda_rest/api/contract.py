"""The contract of the REST API as the tests read it: not by the generator's eyes, so that both can be wrong only apart."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

DATA: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[4] / "contract" / "rest_api.json").read_text(encoding="utf-8")
)
OPERATIONS: dict[str, dict[str, Any]] = {
    name: facts for name, facts in DATA["operations"].items() if "removed" not in facts
}
SCHEMAS: dict[str, dict[str, Any]] = DATA["schemas"]

#: What has a hand-written method on both wires, which the generated ones leave alone.
TWINS = frozenset(
    {
        "activateJobs", "broadcastSignal", "cancelProcessInstance", "completeJob", "createDeployment",
        "createElementInstanceVariables", "createProcessInstance", "deleteResource", "evaluateConditionals",
        "evaluateDecision", "failJob", "getTopology", "migrateProcessInstance", "modifyProcessInstance",
        "publishMessage", "resolveIncident", "throwJobError", "updateJob",
    }
)  # fmt: skip


def answer_type(name: str) -> str | None:
    """The type of the JSON answer of an operation; None where it has none."""
    for said in OPERATIONS[name]["answers"].values():
        if isinstance(said, str):
            return said
    return None


#: Every operation that answers JSON and has a generated method.
READABLE = [name for name in OPERATIONS if name not in TWINS and answer_type(name)]


def sample(text: str, numbers: count[int] | None = None, depth: int = 0) -> Any:
    """A complete value of a type: every field there, each value another."""
    numbers = numbers or count(1)
    bare = text.rstrip("!?")
    mapped = re.fullmatch(r"map<(.+)>", bare)
    if mapped:
        return {f"key{next(numbers)}": sample(mapped[1], numbers, depth)}
    if bare.endswith("[]"):
        return [sample(bare[:-2], numbers, depth)]
    made = {
        "string": lambda: f"text{next(numbers)}",
        "key": lambda: str(2**60 + next(numbers)),
        "int": lambda: next(numbers),
        "long": lambda: 2**40 + next(numbers),
        "float": lambda: next(numbers) + 0.5,
        "bool": lambda: True,
        "datetime": lambda: f"2026-01-01T00:00:{next(numbers) % 60:02}.123Z",
        "date": lambda: "2026-01-01",
        "any": lambda: {"any": next(numbers)},
        "object": lambda: {"object": next(numbers)},
        "binary": lambda: "",
    }
    if bare in made:
        return made[bare]()
    schema = SCHEMAS[bare]
    if "alias" in schema:
        return sample(schema["alias"], numbers, depth)
    if "enum" in schema:
        return schema["enum"][next(numbers) % len(schema["enum"])]
    if "union" in schema:
        if "map" in schema:
            word, member = sorted(schema["map"].items())[next(numbers) % len(schema["map"])]
            return {**sample(member, numbers, depth), schema["by"]: word}
        return sample(schema["union"][0], numbers, depth)
    if depth > 4:
        return {}
    return {name: sample(type_, numbers, depth + 1) for name, type_ in schema["fields"].items()}
