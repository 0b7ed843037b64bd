"""Reads files of test cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from camunda_core._arguments import shown
from camunda_core.errors import InvalidRequest
from camunda_embedded.testing._cases.kinds import text
from camunda_embedded.testing._cases.shapes import INSTRUCTIONS, UNSUPPORTED

__all__ = ["Case", "Instruction", "read_cases"]


@dataclass(frozen=True)
class Instruction:
    """One step of a case; ``place`` is where it stands in its file, such as ``testCases[0].instructions[2]``."""

    type: str
    values: Mapping[str, Any]
    place: str


@dataclass(frozen=True)
class Case:
    """One test case of a file; with ``problems`` it cannot be run."""

    name: str
    description: str
    instructions: tuple[Instruction, ...]
    file: Path
    place: str
    problems: tuple[str, ...] = ()


def read_cases(path: Path) -> tuple[Case, ...]:
    """The test cases of a file.

    What is wrong within a case is in its ``problems``, by the path of the field.

    Raises:
        InvalidRequest: a ValueError; the file is no JSON, or no list of cases.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{path.name} is no JSON: {error}") from error
    found = read.get("testCases") if isinstance(read, dict) else None
    if not isinstance(found, list):
        raise InvalidRequest(f"{path.name}: testCases must be a list of test cases, not {shown(found)}")
    return tuple(_case(path, at, value) for at, value in enumerate(found))


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


def _case(path: Path, at: int, value: Any) -> Case:
    place = f"testCases[{at}]"
    if not isinstance(value, dict):
        return Case(place, "", (), path, place, (f"{place} must be an object, not {shown(value)}",))
    problems = [] if "name" in value else [f"{place}.name is missing"]
    for field in ("name", "description"):
        if field in value:
            problems += text(value[field], f"{place}.{field}")
    steps: list[Instruction] = []
    instructions = value.get("instructions")
    if not isinstance(instructions, list):
        problems.append(f"{place}.instructions must be a list, not {shown(instructions)}")
        instructions = []
    for number, step in enumerate(instructions):
        where = f"{place}.instructions[{number}]"
        wrong = _problems(step, where)
        problems += wrong
        if not wrong:
            steps.append(Instruction(step["type"], step, where))
    name = value.get("name")
    return Case(
        name if isinstance(name, str) and name else place,
        str(value.get("description", "")),
        tuple(steps),
        path,
        place,
        tuple(problems),
    )


def _problems(step: Any, place: str) -> list[str]:
    if not isinstance(step, dict):
        return [f"{place} must be an object, not {shown(step)}"]
    kind = step.get("type")
    if isinstance(kind, str) and kind in UNSUPPORTED:
        return [f"{place}: {kind} is not supported: {UNSUPPORTED[kind]}"]
    shape = INSTRUCTIONS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        return [
            f"{place}.type is {shown(kind)}, which is no known instruction; there are {', '.join(INSTRUCTIONS)}"
        ]
    return [f"{line} ({kind})" for line in shape(step, place)]
