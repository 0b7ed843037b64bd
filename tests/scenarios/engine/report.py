"""Writes ``docs/conformance.md`` from the recorded runs: ``python -m tests.scenarios.engine.report [--check]``.

A scenario proves a feature when the trace that a real 8.6.0 left of it shows the feature at work.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from camunda_embedded._limits import LIMITS
from tests.scenarios.engine.admission import section
from tests.scenarios.engine.corpus import SCENARIOS
from tests.scenarios.engine.lines import (
    BATCHES,
    DATA,
    DIFFERS,
    ORDER,
    RULES,
    SAME,
    SHUFFLED,
    VERDICTS,
    WHOLE,
    Difference,
    recorded,
)
from tests.scenarios.engine.meetings import COLUMNS, ROWS, meetings
from tests.scenarios.engine.published import DOCS
from tests.scenarios.engine.published_corpus import PUBLISHED
from tests.scenarios.engine.sources import sections
from tests.unit.camunda_embedded._bpmn.test_refusals import REFUSED

__all__ = ["DOCUMENT", "FEATURES", "document"]

DOCUMENT = Path(__file__).parents[3] / "docs" / "conformance.md"


def _element(kind: str) -> str:
    return rf"PROCESS_INSTANCE ELEMENT_ACTIVATED \S+ \S+ {kind} "


#: What is seen in a trace when a feature is at work.
FEATURES: dict[str, dict[str, str]] = {
    "Activities": {
        "service task": _element("SERVICE_TASK/UNSPECIFIED"),
        "user task (as a job)": _element("USER_TASK/UNSPECIFIED"),
        "send task": _element("SEND_TASK/UNSPECIFIED"),
        "receive task": _element("RECEIVE_TASK/MESSAGE"),
        "script task": _element("SCRIPT_TASK/UNSPECIFIED"),
        "business rule task": _element("BUSINESS_RULE_TASK/UNSPECIFIED"),
        "manual and undefined task": _element("(?:MANUAL_)?TASK/UNSPECIFIED"),
        "call activity": _element("CALL_ACTIVITY/UNSPECIFIED"),
        "embedded sub-process": _element("SUB_PROCESS/UNSPECIFIED"),
        "multi-instance": _element("MULTI_INSTANCE_BODY/UNSPECIFIED"),
    },
    "Gateways": {
        "exclusive": _element("EXCLUSIVE_GATEWAY/UNSPECIFIED"),
        "parallel": _element("PARALLEL_GATEWAY/UNSPECIFIED"),
        "event-based": _element("EVENT_BASED_GATEWAY/UNSPECIFIED"),
    },
    "Events": {
        "timer start": _element("START_EVENT/TIMER"),
        "message start": _element("START_EVENT/MESSAGE"),
        "signal start": _element("START_EVENT/SIGNAL"),
        "timer catch": _element("INTERMEDIATE_CATCH_EVENT/TIMER"),
        "message catch": _element("INTERMEDIATE_CATCH_EVENT/MESSAGE"),
        "signal catch": _element("INTERMEDIATE_CATCH_EVENT/SIGNAL"),
        "link": _element("INTERMEDIATE_(?:CATCH|THROW)_EVENT/LINK"),
        "none throw": _element("INTERMEDIATE_THROW_EVENT/NONE"),
        "message throw and end": _element("(?:INTERMEDIATE_THROW|END)_EVENT/MESSAGE"),
        "signal throw and end": _element("(?:INTERMEDIATE_THROW|END)_EVENT/SIGNAL"),
        "timer boundary": _element("BOUNDARY_EVENT/TIMER"),
        "message boundary": _element("BOUNDARY_EVENT/MESSAGE"),
        "signal boundary": _element("BOUNDARY_EVENT/SIGNAL"),
        "error boundary": _element("BOUNDARY_EVENT/ERROR"),
        "error end": r"ELEMENT_ACTIVATING \S+ \S+ END_EVENT/ERROR ",
        "terminate end": _element("END_EVENT/TERMINATE"),
    },
    "Jobs": {
        "activation and completion": "JOB COMPLETED #",
        "failing": "JOB FAILED #",
        "back-off": "JOB RECURRED_AFTER_BACKOFF #",
        "time-out": "JOB TIMED_OUT #",
        "changed retries and time-outs": "JOB (?:RETRIES|TIMEOUT)_UPDATED #",
        "errors thrown": "JOB ERROR_THROWN #",
        "cancelling with their task": "JOB CANCELED #",
    },
    "Data": {
        "variables and their scopes": "VARIABLE (?:CREATED|UPDATED) #",
        "variables set from outside": "VARIABLE_DOCUMENT UPDATED #",
        "decisions evaluated": "DECISION_EVALUATION (?:EVALUATED|FAILED) #",
        "incidents": "INCIDENT CREATED #",
        "incidents resolved": "INCIDENT RESOLVED #",
    },
    "Messages and signals": {
        "publishing": "MESSAGE PUBLISHED #",
        "correlation to an instance": "PROCESS_MESSAGE_SUBSCRIPTION CORRELATED #",
        "correlation to a start event": "MESSAGE_START_EVENT_SUBSCRIPTION CORRELATED #",
        "expiry": "MESSAGE EXPIRED #",
        "uniqueness by id": "PublishMessage: .ALREADY_EXISTS",
        "broadcast": "SIGNAL BROADCASTED #",
    },
    "Commands": {
        "deployment": "DEPLOYMENT CREATED #",
        "creation at chosen elements": "PROCESS_INSTANCE_CREATION CREATED .*startInstructions",
        "creation with result": "^  CreateProcessInstanceWithResult: ",
        "cancelling": "PROCESS_INSTANCE CANCEL #",
        "modification": "PROCESS_INSTANCE_MODIFICATION MODIFIED #",
        "migration": "PROCESS_INSTANCE_MIGRATION MIGRATED #",
        "deletion of resources": "RESOURCE_DELETION DELETED #",
        "rejections": "^  X ",
    },
}

_HEAD = """# Conformance of the embedded gateway

Written by `python -m tests.scenarios.engine.report` from recorded runs; a test keeps it fresh.

`camunda_embedded` follows the 8.6 line of the engine. **What it knows is in memory** and gone when it stops: it is for tests and
first steps, and a real cluster is one changed address away.

A corpus of {count} scenarios, {generated} of them random compositions, is played on it, and was recorded on a real 8.6.0 in
November 2026. Compared is everything that can be seen: each answer and rejection with its text, and each record of the engine's
log, line by line, in order; keys become numbers and times distances. **The embedded gateway gives all {count} traces as the real
8.6.0 did**: no difference is known in what the corpus plays. `tests/scenarios/engine/test_corpus.py` asserts it.

The engine of 8.8.21 played them too, in the same month. {same} traces were the same but for the differences named below, {order}
besides in the order of independent elements, {differs} differed for a reason named below and were not compared further.

## Features

A scenario proves a feature when its recorded trace shows it at work.

| feature | scenarios on 8.6.0 | embedded: the same | 8.8.21: the same | another order | differs |
|---|---:|---:|---:|---:|---:|
"""


def document() -> str:
    """The text of ``docs/conformance.md``."""
    verdicts: dict[str, tuple[str, list[str]]] = json.loads(VERDICTS.read_text())
    counts = Counter(verdict for verdict, _ in verdicts.values())
    text = _HEAD.format(
        count=len(SCENARIOS),
        generated=sum(name.startswith("generated_") for name in SCENARIOS),
        same=counts[SAME],
        order=counts[ORDER],
        differs=counts[DIFFERS],
    )
    traces = {name: recorded(name) for name in SCENARIOS}
    for group, features in FEATURES.items():
        text += f"| **{group}** | | | | | |\n"
        for feature, pattern in features.items():
            found = [
                name for name, trace in traces.items() if any(re.search(pattern, line) for line in trace)
            ]
            if not found:
                raise ValueError(f"no scenario proves {feature!r}")
            newer = Counter(verdicts[name][0] for name in found)
            text += f"| {feature} | {len(found)} | {len(found)} | {newer[SAME]} | {newer[ORDER]} | {newer[DIFFERS]} |\n"
    return (
        text
        + section()
        + _user_tasks()
        + _published()
        + sections()
        + _meetings(traces)
        + _lines(verdicts)
        + _expressions()
        + _refused()
        + _limits()
    )


def _user_tasks() -> str:
    plays: dict[str, list[dict[str, Any]]] = json.loads(
        (DATA / "user-tasks-8.6.0.json").read_text(encoding="utf-8")
    )
    steps = [step for play in plays.values() for step in play]
    records = sum(len(step["records"]) for step in steps)
    return (
        "\n## Native user tasks\n\n"
        f"{len(steps)} requests about native user tasks (creation with every property and what fails there, assign, claim,\n"
        f"unassign, update, complete, cancel) were sent to a real 8.6.0, which wrote {records} records that were kept. The\n"
        "embedded gateway gives the same answers and the same records, as far as their values were kept. How user tasks meet\n"
        "other features rests on what is published:\n"
    )


def _published() -> str:
    counts = Counter((each.feature, each.page, each.dialect) for each in PUBLISHED.values())
    text = (
        "\n## What rests on what is published alone\n\n"
        "No recording of a real engine is at hand for these. What their scenarios assert is what the page says; the order of\n"
        "records and what no page says are ours, and may differ from the real engine's.\n\n"
        "| feature | scenarios | dialect | page |\n|---|---:|---|---|\n"
    )
    return text + "".join(
        f"| {feature} | {count} | {dialect} | [{page}]({DOCS}{page}) |\n"
        for (feature, page, dialect), count in counts.items()
    )


def _meetings(traces: dict[str, list[str]]) -> str:
    counts = Counter(pair for trace in traces.values() for pair in meetings(trace))
    text = (
        f"\n## Where features meet\n\n{len(counts)} meetings are at work in the traces; the numbers are those of "
        "scenarios.\nEach column says what happened to the element, or where it stands:\n\n"
    )
    text += "".join(f"- **{name}**: {what}\n" for name, what in COLUMNS.items())
    text += f"\n| | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}\n"
    for row in ROWS:
        text += f"| {row} | {' | '.join(str(counts[row, column] or '') for column in COLUMNS)} |\n"
    return text


def _lines(verdicts: dict[str, tuple[str, list[str]]]) -> str:
    uses = Counter(rule for _, rules in verdicts.values() for rule in rules)
    uses.update(difference.name for difference in WHOLE.values())
    uses[BATCHES.name] += sum(verdict == ORDER for verdict, _ in verdicts.values())
    known = {each.name: each for each in (*RULES, BATCHES, *WHOLE.values())}
    text = (
        "\n## What the 8.8 line does differently\n\n"
        "The embedded engine does what 8.6 does; its dialect 8.8 changes the servers, and refuses as "
        "`resolve-without-retries` and `unknown-decision` say.\n\n"
    )
    text += _table((each for each in known.values() if not each.stand_in), uses)
    text += (
        "\n## What the stand-in for 8.8 does differently\n\n"
        "Camunda's engine in memory has a gateway of its own; these are its habits, not those of the 8.8 line.\n\n"
    )
    return text + _table((*(each for each in known.values() if each.stand_in), SHUFFLED), uses)


def _table(differences: Iterable[Difference], uses: Counter[str]) -> str:
    rows = [
        f"| {each.name} | {each.old} | {each.new} | {uses[each.name] or 'all'} |\n" for each in differences
    ]
    return "| | 8.6.0 and embedded | 8.8.21 | scenarios |\n|---|---|---|---:|\n" + "".join(rows)


def _expressions() -> str:
    feel: dict[str, Any] = json.loads((DATA / "feel_corpus.json").read_text(encoding="utf-8"))
    dmn: dict[str, Any] = json.loads((DATA / "dmn_corpus.json").read_text(encoding="utf-8"))
    models = dmn["models"]
    rows = [
        ("expressions", len(feel["expressions"]), feel["expressions"]),
        ("unary tests", len(feel["unaryTests"]), feel["unaryTests"]),
        ("texts of incidents", len(feel["incidents"]), feel["incidents"]),
        (f"decision models ({sum(len(m['evaluations']) for m in models)} evaluations)", len(models), models),
    ]
    reasons = Counter(
        each["differs"]["reason"] for *_, entries in rows for each in entries if "differs" in each
    )
    text = (
        f"\n## FEEL and DMN\n\nEvaluated on {feel['engine']}, and equal but for what differs on purpose.\n\n"
        "| | compared | equal | differ on purpose |\n|---|---:|---:|---:|\n"
    )
    for name, count, entries in rows:
        differing = sum("differs" in each for each in entries)
        text += f"| {name} | {count} | {count - differing} | {differing} |\n"
    text += "\n| what differs on purpose | entries |\n|---|---:|\n"
    return text + "".join(f"| {reason} | {count} |\n" for reason, count in reasons.most_common())


def _refused() -> str:
    names = ", ".join(f"`{name}`" for name in REFUSED)
    return (
        "\n## What is refused\n\n"
        "Refused at deployment, by the element's id and the feature's name; the tests refuse a model for each:\n"
        f"{names}. Some of it the real 8.6.0 refuses too, in the same words. XML with a DOCTYPE or entities is refused,\n"
        "and so is every element and attribute that BPMN does not know. An RPC that is not there answers\n"
        "UNIMPLEMENTED, and so does over REST (501) an operation that the line publishes and that is not there. A path that the\n"
        "line does not know is 404, as it is on the real gateway.\n"
    )


def _limits() -> str:
    rows = "".join(f"| {limit.what} | {limit.limit} | {limit.beyond} |\n" for limit in LIMITS)
    return (
        "\n## Limits\n\n"
        "No model, expression or request keeps the gateway from answering others for more than about two seconds. What\n"
        "takes longer is done in turns, between which others are answered, or ended by a limit. They stand in\n"
        "`camunda_embedded/_limits.py`.\n\n"
        f"| what | limit | beyond it |\n|---|---|---|\n{rows}\n"
        "A call is answered when all that follows from it is done, or before, when that takes long; then\n"
        "`EmbeddedGateway.settle()` waits for the rest. `Clock.advance()` returns when everything that fell due on the way has\n"
        "happened, however long that takes.\n\n"
        "`PUT /v2/clock` pins the clock to any moment, also to one that is over, and `POST /v2/clock/reset` lets it follow the\n"
        "system's again. When it has gone back, what was to come comes when it is there again, as on the real gateway.\n"
    )


def main(arguments: list[str]) -> int:
    text = document()
    if "--check" in arguments:
        fresh = DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text
        print(
            "fresh" if fresh else "docs/conformance.md is stale: run python -m tests.scenarios.engine.report"
        )
        return 0 if fresh else 1
    DOCUMENT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
