"""Every limit of the embedded gateway, in one place. ``docs/conformance.md`` has them as a
table, made from ``LIMITS``.

No model, expression or request keeps the gateway from answering others for more than
about two seconds: what takes longer is either done in turns (``TURN_SECONDS``), or ended
by one of these limits.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LIMITS", "Limit"]

KIB = 1024
MIB = 1024 * KIB

# --- time ---

#: Seconds that the engine works on without letting anything else happen, as long as each
#: single step is short.
TURN_SECONDS = 0.005
#: Seconds after which a call is answered although not all that follows from it is done.
SETTLE_SECONDS = 1.0
#: Seconds of computing that the expressions of one step, such as the activation of an
#: element, may take together.
EVALUATION_SECONDS = 1.0
#: Seconds that one search may take to look at its rows.
SEARCH_SECONDS = 1.0
#: Alternatives of ``$or`` and variables of one search, all together; and values of one list in it.
MAX_CONDITIONS = 1_000
MAX_VALUES = 65_536
#: Characters of a pattern of ``$like``, and of what it is held against: more of a value is not looked at.
MAX_LIKE = 1_000
MAX_LIKE_TEXT = 100_000
#: Milliseconds between two firings of a timer that is late by more than its cycle's period, as one
#: of no length always is.
SHORTEST_CYCLE = 100
#: Seconds that a connection of the REST server may take to send a request, and stay open without one.
CONNECTION_SECONDS = 60.0

# --- steps ---

#: Commands in a row of which each follows from the one before.
MAX_DEPTH_OF_STEPS = 50_000
#: Commands that follow from one command, timer or message, all together.
MAX_STEPS = 500_000
#: Process instances of which each is called by the one before.
MAX_CALL_DEPTH = 1_000
#: Decisions that one evaluation evaluates: a decision that several others require counts for each.
MAX_DECISIONS = 10_000
#: Entries that one command writes or looks at before other work gets its turn.
PART = 1_000

# --- expressions ---

MAX_EXPRESSION = 100_000
MAX_EXPRESSION_DEPTH = 50
#: Items that ``for``, ``some``, ``every`` and filters visit in one evaluation.
MAX_ITERATIONS = 1_000_000
#: Characters of a text, or items of a list.
MAX_SIZE = 10_000_000
#: Items and entries, at all levels together, of a value that leaves an expression.
MAX_PARTS = 1_000_000
#: Characters of a regular expression, and of the text that it is applied to.
MAX_PATTERN = 1_000
#: Pieces of one, once what it repeats at least so many times is written out.
MAX_EXPANDED_PATTERN = 10_000
MAX_MATCHED_TEXT = 100_000
MAX_EXPONENT = 999_999_999
#: Decimal places that a rounding may be asked for.
MAX_SCALE = 10_000
#: Characters of one reason why a part of an expression is null.
MAX_FAILURE = 10_000

# --- documents ---

#: Levels of objects and lists in variables.
MAX_VARIABLE_DEPTH = 900
#: The same in a value that enters or leaves an expression.
MAX_VALUE_DEPTH = 920
#: Bytes of the variables, or of the resources, of one request.
MAX_RECORD = 2 * MIB
#: Bytes of a request.
MAX_MESSAGE = 4 * MIB
#: Bytes of a request that are read at all, so that it can be refused in the real gateway's words.
MAX_READ = 64 * MIB
#: Bytes of the variables of the jobs of one activation, as JSON text.
MAX_BATCH = 4 * MIB - 64 * KIB
MAX_BATCH_JOBS = 10_000
#: Bytes of the documents that are kept, all together.
KEPT_DOCUMENTS = 256 * MIB
#: Bytes of metadata that the gRPC server takes and sends: the text of a refusal is metadata.
MAX_METADATA = MIB
#: Bytes of the text of a refusal over gRPC, where it goes twice; the rest of a longer one is left out.
MAX_REFUSAL = 400 * KIB

# --- models ---

MAX_XML = 4 * MIB
MAX_XML_DEPTH = 100
MAX_DMN_ELEMENTS = 100_000
MAX_DMN_DEPTH = 50

# --- memory ---

#: Records that are kept, and bytes of the values of variables among them; the oldest fall off.
KEPT_RECORDS = 100_000
KEPT_BYTES = 64 * MIB


class Limit(NamedTuple):
    """A row of the table: what is limited, how far, and what happens beyond."""

    what: str
    limit: str
    beyond: str


def _mib(size: int) -> str:
    return f"{size / MIB:g} MiB"


_REFUSED = "INVALID_ARGUMENT"
_INCIDENT = "an incident; FAILED for a decision that was asked for"
_NULL = "null, with a failure"

LIMITS: tuple[Limit, ...] = (
    Limit("work of the engine without a turn for others", f"{TURN_SECONDS:g} s, or one step", "goes on in turns"),
    Limit("wait of a call for all that follows from it", f"{SETTLE_SECONDS:g} s", "answered; the rest goes on"),
    Limit("computing of the expressions of one step", f"{EVALUATION_SECONDS:g} s", _INCIDENT),
    Limit("a search looking at its rows", f"{SEARCH_SECONDS:g} s", "RESOURCE_EXHAUSTED (503)"),
    Limit("alternatives and variables in the filter of a search; values of a list; a pattern",
          f"{MAX_CONDITIONS:,}; {MAX_VALUES:,}; {MAX_LIKE:,} characters", _REFUSED),
    Limit("the text that a pattern of a search is held against", f"{MAX_LIKE_TEXT:,} characters", "the rest is not looked at"),
    Limit("a late timer of a cycle, `R/PT0S` too", f"once in {SHORTEST_CYCLE} ms", "fires later"),
    Limit("a connection of the REST server without a whole request", f"{CONNECTION_SECONDS:g} s",
          "closed; 408 when only the body is missing"),
    Limit("steps in a row that wait for nothing", f"{MAX_DEPTH_OF_STEPS:,}", "an incident, which can be resolved"),
    Limit("steps that follow from one command, timer or message", f"{MAX_STEPS:,}", "an incident, which can be resolved"),
    Limit("processes that call each other", f"{MAX_CALL_DEPTH:,}", "an incident"),
    Limit("decisions of one evaluation", f"{MAX_DECISIONS:,}", _INCIDENT),
    Limit("an expression", f"{MAX_EXPRESSION:,} characters, {MAX_EXPRESSION_DEPTH} levels", _REFUSED),
    Limit("items that loops and filters of an expression visit", f"{MAX_ITERATIONS:,}", _INCIDENT),
    Limit("a text or a list in an expression", f"{MAX_SIZE:,} characters or items", _INCIDENT),
    Limit("the result of an expression", f"{MAX_PARTS:,} parts, {MAX_VALUE_DEPTH} levels", _INCIDENT),
    Limit("a regular expression", f"{MAX_PATTERN:,} characters, {MAX_EXPANDED_PATTERN:,} once `{{n}}` is written out", _NULL),
    Limit("the text that it is applied to", f"{MAX_MATCHED_TEXT:,} characters", _NULL),
    Limit("an exponent", f"{MAX_EXPONENT:,}", _INCIDENT),
    Limit("decimal places of a rounding", f"{MAX_SCALE:,}", _NULL),
    Limit("variables of a request", f"{_mib(MAX_RECORD)}, {MAX_VARIABLE_DEPTH} levels, integers of 64 bits",
          "UNKNOWN (500) for the size, else INVALID_ARGUMENT"),
    Limit("resources of a deployment", _mib(MAX_RECORD), "UNKNOWN (500)"),
    Limit("a request", _mib(MAX_MESSAGE), "RESOURCE_EXHAUSTED (500, for files 413)"),
    Limit("jobs of one activation", f"{_mib(MAX_BATCH)} of variables, {MAX_BATCH_JOBS:,} jobs", "the rest waits"),
    Limit("documents that are kept, and rows of users, groups and the like", f"{_mib(KEPT_DOCUMENTS)}, 100,000 of a kind",
          "RESOURCE_EXHAUSTED (503)"),
    Limit("metadata over gRPC", _mib(MAX_METADATA), "RESOURCE_EXHAUSTED"),
    Limit("the text of a refusal over gRPC", f"{MAX_REFUSAL // KIB} KiB", "cut; whole over REST"),
    Limit("a BPMN or DMN file", _mib(MAX_XML), _REFUSED),
    Limit("nesting of a BPMN file", f"{MAX_XML_DEPTH} levels", _REFUSED),
    Limit("elements and nesting of a DMN file", f"{MAX_DMN_ELEMENTS:,}, {MAX_DMN_DEPTH} levels", _REFUSED),
    Limit("records that are kept", f"{KEPT_RECORDS:,}, with {_mib(KEPT_BYTES)} of large variables", "the oldest fall off"),
)  # fmt: skip
