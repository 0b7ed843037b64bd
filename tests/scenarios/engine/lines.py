"""How the 8.8 line of the engine differs from the 8.6 line, which the embedded engine follows: every difference has a name.

A trace of an 8.8 was compared with that of a real 8.6.0 after what has a name was taken out of both. What then differs in nothing
but the order in which independent elements go on has the verdict ``order``; what differs more is listed in ``WHOLE``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "BATCHES",
    "DIFFERS",
    "ENGINE",
    "ORDER",
    "RULES",
    "SAME",
    "SHUFFLED",
    "TRACES",
    "VERDICTS",
    "WHOLE",
    "Difference",
    "recorded",
    "verdict",
]

ENGINE = "engine-8.8.21"
DATA = Path(__file__).parents[2] / "data" / "recorded"
#: What a real 8.6.0 did, a file for each scenario.
TRACES = DATA / "engine"
#: What the comparison found: scenario → verdict, names of the rules that were needed.
VERDICTS = DATA / f"{ENGINE}.json"

SAME = "same"
ORDER = "order"
DIFFERS = "differs"


@dataclass(frozen=True)
class Difference:
    """One known difference.

    ``stand_in``  it is not the engine's: the engine in memory has a gateway of its own, simpler than the product's
    ``pattern``   what is replaced by ``by`` in the lines of both traces; a line of which nothing is left is left out
    """

    name: str
    old: str
    new: str
    pattern: str = ""
    by: str = ""
    stand_in: bool = False


_RESULT = r'"result": \{"corrections": \{\}, "type": "USER_TASK"\}'
RULES = (
    Difference(
        "more-records",
        "Not written.",
        "The log has ASYNC_REQUEST, USAGE_METRIC, MULTI_INSTANCE INPUT_COLLECTION_EVALUATED, PROCESS_INSTANCE_BATCH ACTIVATED "
        "and TERMINATED and PROCESS_INSTANCE ANCESTOR_MIGRATED besides.",
        r"^  . (ASYNC_REQUEST|USAGE_METRIC|MULTI_INSTANCE|PROCESS_INSTANCE_BATCH (TERMINATED|ACTIVATED)|"
        r"PROCESS_INSTANCE ANCESTOR_MIGRATED) .*",
    ),
    Difference(
        "job-result",
        "Jobs have no `result`.",
        "Records of jobs carry an (empty) `result`.",
        rf"{_RESULT}(, )?|, (?={_RESULT}\}})",
    ),
    Difference(
        "element-of-uncaught-error",
        "The incident of an error that nobody catches names the element `NO_CATCH_EVENT_FOUND`.",
        "It names the task.",
        r'(?<=INCIDENT )(CREATED|RESOLVED) (#\d+) (\{"bpmnProcessId": "[^"]*", )"elementId": "[^"]*", (.*UNHANDLED_ERROR_EVENT.*)',
        r"\1 \2 \3\4",
    ),
    Difference(
        "resolve-without-retries",
        "`ResolveIncident` of a job without retries is NOT_FOUND.",
        "It is FAILED_PRECONDITION; the text is the same.",
        r"(?:NOT_FOUND|FAILED_PRECONDITION): Command 'RESOLVE' rejected with code '\w+'(?=.*no retries left)"
        r"|(?<= )(?:NOT_FOUND|INVALID_STATE)(?=: Expected to resolve .* no retries left)",
        "…",
    ),
    Difference(
        "unknown-decision",
        "`EvaluateDecision` of an unknown decision is INVALID_ARGUMENT.",
        "It is NOT_FOUND; the text is the same.",
        r"(?:NOT_FOUND|INVALID_ARGUMENT): Command 'EVALUATE' rejected with code '\w+'(?=.*no decision found)"
        r"|(?<= )(?:NOT_FOUND|INVALID_ARGUMENT)(?=: Expected to evaluate decision .* no decision found)",
        "…",
    ),
    Difference(
        "supported-types",
        "Texts that list the supported element types know those of 8.6.",
        "They list ad-hoc sub-processes too.",
        r"(?<=Supported element types are: )\[[^]]*]",
        "[…]",
    ),
    Difference(
        "path-of-migrated-incident",
        "A migrated incident keeps the old definition in its `processDefinitionPath`.",
        "It has the new one.",
        r'(?<=INCIDENT MIGRATED )(#\d+ .*), "processDefinitionPath": \["#\d+"\]',
        r"\1",
    ),
    Difference(
        "message-awaited-already",
        "A migration that would wait for one message twice asks for a mapping of its event.",
        "It is refused in other words.",
        r"(?<=but active element with id )'\w+' (?:attempts to subscribe to a message it is|is already subscribed to the same).*",
        "…",
    ),
    Difference(
        "overdue-cycle",
        "When a timer of a cycle is late by more than its period, or begins in the past, the next is due a period from now.",
        "It is due at once.",
        r'(?<=TIMER CREATED )(#\d+ \{)"dueDate": \d+, (?=[^}]*"targetElementId": "bt"\})',
        r"\1",
    ),
    Difference(
        "decision-instance-key",
        "`EvaluateDecision` answers a `decisionInstanceKey`; the command has a `decisionKey` of 0 when it is asked for by id.",
        "It answers none, and the command has none.",
        r", 'decisionInstanceKey': '#\d+'|(?<=\")decisionKey\": 0, \"",
        stand_in=True,
    ),
    Difference(
        "output-of-failed-decision",
        "`decisionOutput` of an evaluation that failed is empty.",
        "It is `null`.",
        r"'decisionOutput': 'null', ",
        stand_in=True,
    ),
    Difference(
        "commands-without-keys",
        "Commands to migrate and to delete carry a key.",
        "They carry none.",
        r"(?<=(?:MIGRATE|.DELETE) )(?:#\d+|-)(?= \{)",
        "·",
        stand_in=True,
    ),
    Difference(
        "silent-deletion",
        "`DeleteResource` answers.",
        "It deletes and never answers; rejections are answered.",
        r"(?<=DeleteResource: )(?:\{\}|'DEADLINE_EXCEEDED: Deadline Exceeded')",
        "…",
        stand_in=True,
    ),
)

BATCHES = Difference(
    "one-by-one",
    "The runs of a multi-instance activity are activated together, and so are the elements of a scope terminated.",
    "One after the other, with everything else that waits in between: independent elements go on in another order.",
)
DIVERGED = Difference(
    "diverged",
    "A random play answers the jobs that are there.",
    "Others are there, or come in another order (`one-by-one`), so the plays part: nothing more is compared.",
)
SHUFFLED = Difference(
    "shuffled-jobs",
    "`ActivateJobs` answers jobs oldest first.",
    "The engine's record has them oldest first, the answer in any order; the play sorts them.",
    stand_in=True,
)
LOOPS = Difference(
    "loops-without-waiting",
    "A loop of tasks that need no worker is deployed when a gateway can leave it.",
    "It is refused: `Processes are not allowed to contain a straight-through processing loop`.",
)
DEAD_ENDS = Difference(
    "boundary-without-flow",
    "A boundary event without an outgoing flow is refused.",
    "It is deployed.",
)
AD_HOC = Difference("ad-hoc", "Ad-hoc sub-processes are refused.", "They are deployed.")
FAIL_VARIABLES = Difference(
    "variables-of-failed-jobs",
    "`FailJob` sets its variables.",
    "They are lost.",
    stand_in=True,
)
GATEWAY_CHECKS = Difference(
    "checks-of-the-gateway",
    "The gateway checks tenants, partitions, documents and the number of jobs before the engine.",
    "It does not, or answers UNKNOWN `Application error processing RPC`.",
    stand_in=True,
)

ASKS_AGAIN = Difference(
    "asks-again",
    "When all jobs were too large for an answer, the gateway asks the engine once more.",
    "It does not.",
    stand_in=True,
)

COLLECTIONS = Difference(
    "collection-read-once",
    "A sequential multi-instance activity reads its input collection again for each run.",
    "It reads it once, when it begins.",
)
JOINS = Difference(
    "migration-of-joins",
    "An instance with a token that waits at a joining gateway is not migrated.",
    "It is when the gateway and the sequence flow are mapped.",
)

OVERDUE = next(rule for rule in RULES if rule.name == "overdue-cycle")
PATHS = next(rule for rule in RULES if rule.name == "path-of-migrated-incident")

#: Scenarios that differ as a whole, and why.
WHOLE: dict[str, Difference] = {
    "a_failed_job_with_retries_is_there_again": FAIL_VARIABLES,
    "a_job_incident_without_a_message_says_so": FAIL_VARIABLES,
    "a_job_that_is_too_large_raises_an_incident": ASKS_AGAIN,
    "a_loop_of_flows_runs_as_often_as_its_condition_says": LOOPS,
    "boundary_events_are_checked": DEAD_ENDS,
    "documents_are_checked_before_the_engine": GATEWAY_CHECKS,
    "files_are_checked": AD_HOC,
    "job_activation_is_checked": GATEWAY_CHECKS,
    "modification_moves_work": GATEWAY_CHECKS,
    "tenants_are_refused": GATEWAY_CHECKS,
    "unknown_keys_are_refused": GATEWAY_CHECKS,
    "generated_11": FAIL_VARIABLES,
    "generated_17": FAIL_VARIABLES,
    "generated_26": FAIL_VARIABLES,
    "generated_27": FAIL_VARIABLES,
    "a_start_that_repeats": OVERDUE,
    "cycles_at_a_boundary": OVERDUE,
    "incidents_go_along": PATHS,
    "links_jump_within_their_scope": LOOPS,
    "runs_inside_runs": BATCHES,
    "the_collection_changes_while_runs_go_on": COLLECTIONS,
    "what_waits_at_a_gateway_keeps_an_instance": JOINS,
    "generated_49": FAIL_VARIABLES,
    "generated_57": FAIL_VARIABLES,
    "generated_8": DIVERGED,
    "generated_35": DIVERGED,
    "generated_56": DIVERGED,
}


def recorded(name: str) -> list[str]:
    """The trace of a real 8.6.0."""
    return (TRACES / f"{name}.txt").read_text().splitlines()


def verdict(old: Sequence[str], new: Sequence[str]) -> tuple[str, list[str]]:
    """How two traces compare (``same``, ``order`` or ``differs``), and the names of the rules that made them alike."""
    a, b = _alike(old), _alike(new)
    found = [rule.name for rule in RULES if _marks(rule, old) != _marks(rule, new)]
    if a == b:
        needed = (rule for rule in RULES if rule.name in found or _alike(old, rule) != _alike(new, rule))
        return SAME, [rule.name for rule in needed]
    one_by_one = any("PROCESS_INSTANCE_BATCH" in line for line in new)
    return (ORDER if one_by_one and _histories(a) == _histories(b) else DIFFERS), found


def _marks(rule: Difference, lines: Sequence[str]) -> list[str]:
    return sorted(_masked(match.group()) for line in lines for match in re.finditer(rule.pattern, line))


def _alike(lines: Sequence[str], but: Difference | None = None) -> list[str]:
    """The trace without what the rules know (``but`` one of them), its keys numbered again."""
    for rule in (rule for rule in RULES if rule is not but):
        pattern = re.compile(rule.pattern)
        lines = [text for line in lines if (text := pattern.sub(rule.by, line))]
    numbers: dict[str, str] = {}
    records = lines.index("records")
    again = {
        index: re.sub(
            r"#\d+", lambda key: numbers.setdefault(key.group(), f"#{len(numbers) + 1}"), lines[index]
        )
        for index in (*range(records, len(lines)), *range(records))
    }
    return [again[index] for index in range(len(lines))]


def _masked(text: str) -> str:
    return re.sub(r"#\d+", "#", text)


def _histories(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    """The answers, and what happened to each entity in its own order, keys shown as what they are of; no commands."""
    records = lines.index("records")
    names: dict[str, str] = {}
    for line in lines[records + 1 :]:
        kind, intent, key, shown = (line[4:].split(maxsplit=3) + [""] * 4)[:4]
        if line[2] == " " and intent in ("CREATED", "ELEMENT_ACTIVATING", "SEQUENCE_FLOW_TAKEN"):
            name = shown.split()[0] if kind == "PROCESS_INSTANCE" else _named(shown)
            names.setdefault(key, f"<{kind} {name}>")

    def shown_of(line: str) -> str:
        return re.sub(r"#\d+", lambda key: names.get(key.group(), "#"), line)

    found: dict[str, list[str]] = defaultdict(list)
    for line in lines[records + 1 :]:
        if line[2] != ">":
            found[line[4:].split(maxsplit=3)[2]].append(shown_of(line))
    return sorted(map(shown_of, lines[:records])), sorted(found.values())


def _named(shown: str) -> str:
    match = re.search(r'"(?:elementId|bpmnProcessId|name)": "([^"]*)"', shown)
    return match[1] if match else ""
