"""How many answers that differ a little from the contract a client still reads: ours, and the official SDK.

Every operation that answers with JSON gets an answer made from the contract, then the same with one change at a time: a field
dropped, null, added, a word nobody knows, a key sent as a number. What is counted is exceptions. Run it by
``python -m benchmarks.tolerance``; it takes a minute, most of it the SDK's.
"""

from __future__ import annotations

import copy
import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.peers import Absent, interpreter
from camunda_rest._preparing import read_answer
from tests.unit.camunda_rest.api.contract import READABLE
from tests.unit.camunda_rest.api.test_reading import DESCRIBED, answer_of, places

CHANGES = ("none", "drop", "null", "add", "word", "number")
_THEIRS = Path(__file__).with_name("tolerance_sdk.py")
#: Places of an answer that are tried; the rest of a deep one would say the same again.
_PLACES = 40


def cases() -> Iterator[tuple[str, str, Any]]:
    """Operation, change, answer."""
    for name in READABLE:
        whole = _with_their_patterns(answer_of(name))
        yield name, "none", whole
        for index in range(min(_PLACES, len(list(places(whole))))):
            for change in CHANGES[1:]:
                changed = copy.deepcopy(whole)
                holder, key = list(places(changed))[index]
                if change == "drop":
                    del holder[key]
                elif change == "null":
                    holder[key] = None
                elif change == "add" and not str(key).startswith(
                    "key"
                ):  # a dictionary of texts has no fields
                    holder["aFieldOfTheFuture"] = {"deep": [1]}
                elif (
                    change == "word" and isinstance(holder[key], str) and not holder[key].startswith("2026-")
                ):
                    holder[key] = "A_WORD_OF_THE_FUTURE"
                elif change == "number" and isinstance(holder[key], str) and holder[key].isdigit():
                    holder[key] = int(holder[key])
                else:
                    continue
                yield name, change, changed


def _with_their_patterns(value: Any, name: str = "") -> Any:
    """The texts that the SDK holds to patterns, such as cursors, as it wants them."""
    if isinstance(value, dict):
        return {key: _with_their_patterns(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_their_patterns(each, name) for each in value]
    return {
        "startCursor": "WzFd",
        "endCursor": "WzJd",
        "decisionEvaluationInstanceKey": "2251799813685249-1",
        "scopeKey": "2251799813685249",
    }.get(name, value)


def main() -> None:
    """Prints the table: for each change the cases, and how many of them raised in either client."""
    listed = list(cases())
    try:
        theirs = _theirs(listed)
    except Absent as absent:
        print(f"official SDK: {absent}")
        theirs = ["read"] * len(listed)
    whole = {
        name
        for (name, change, _), said in zip(listed, theirs, strict=True)
        if change == "none" and said == "read"
    }
    tried, raised, sdk = Counter[str](), Counter[str](), Counter[str]()
    for (name, change, answer), said in zip(listed, theirs, strict=True):
        if name not in whole:
            continue
        tried[change] += 1
        sdk[change] += said != "read"
        try:
            read_answer(DESCRIBED[name], answer)
        except Exception:
            raised[change] += 1
    left_out = sorted({name for name, _, _ in listed} - whole)
    print(
        f"{len(whole)} operations; left out, since the SDK does not read them as they are: {', '.join(left_out)}"
    )
    print(f"{'change':<8} {'answers':>8} {'ours raises':>12} {'SDK raises':>11}")
    for change in CHANGES:
        print(f"{change:<8} {tried[change]:>8} {raised[change]:>12} {sdk[change]:>11}")


def _theirs(listed: list[tuple[str, str, Any]]) -> list[str]:
    """What the SDK makes of each answer: "read", or the class of its error."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "cases.json")
        file.write_text(json.dumps(listed), encoding="utf-8")
        done = subprocess.run(
            [str(interpreter()), str(_THEIRS), str(file)],
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
    return [str(said) for _, said in json.loads(done.stdout)]


if __name__ == "__main__":
    main()
