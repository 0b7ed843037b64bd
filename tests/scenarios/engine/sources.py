"""The sections of ``docs/conformance.md`` about REST: what each part rests on, what is not served, and whose words refusals have."""

# ruff: noqa: E501  (a row is a line)
from __future__ import annotations

from camunda_embedded._clock import Clock
from camunda_embedded._engine.engine import Engine
from camunda_embedded._servers.rest.dialects import DIALECTS
from camunda_embedded._servers.rest.operations import Operations
from camunda_embedded._service import Service
from camunda_rest._versions import parse_version
from camunda_rest.api.operations import FACTS
from tests.foreign.test_foreign import CLIENTS
from tests.scenarios.engine.words import unrecorded

__all__ = ["absent", "sections"]

_RECORDED = "recorded on 8.6.0"
_CONTRACT = "published contract alone"
_PAGES = "published documentation alone"
_CLIENTS = "clients of others"

#: What, what it rests on, what proves it.
SOURCES = (
    ("commands, answers and refusals of 8.6 on both wires", _RECORDED, "`tests/scenarios/test_recorded.py`, `test_golden.py`"),
    ("engine, FEEL and DMN", f"{_RECORDED}; 8.8.21 beside it", "the tables above and below"),
    ("which models are taken, and the texts about them", _RECORDED, "`tests/scenarios/engine/test_admission.py`"),
    ("native user tasks: their commands and records", _RECORDED, "`tests/scenarios/engine/test_user_tasks.py`"),
    ("execution and task listeners, ad-hoc sub-processes, conditional events, and all else in the table above", _PAGES, "`tests/scenarios/engine/test_published.py`"),
    ("dialect 8.8: requests and answers", f"{_CONTRACT} (8.8.9); {_CLIENTS}", "`test_openapi_fuzz.py`, `tests/contract`, `tests/foreign`"),
    ("dialect 8.9: requests and answers", f"{_CONTRACT} (8.9.0-rc1); {_CLIENTS}", "the same"),
    ("dialect 8.10: requests and answers", f"the contract as facts, since no file is published; {_CLIENTS}", "`tests/contract/test_embedded_answers.py`, `tests/foreign`"),
    ("dialect 8.10: `UpdateJobPriority`, and jobs handed out by priority and then by age", "by contract: the protocol, the contract as facts, and what the maintainers published of it before the release; never seen", "`tests/unit/camunda_embedded/_servers/test_dialects.py`"),
    ("searches and gets: properties of answers, filters, sorting, pages", f"{_CONTRACT}; {_CLIENTS}", "`tests/contract/test_answer_properties.py`, `test_embedded_answers.py`, `tests/foreign`"),
    ("searches: what `$like` matches, where null is sorted, how long a cursor lives", f"{_PAGES}; ours where it is silent", "`tests/unit/camunda_embedded/_views`"),
    ("an empty list of an operator is no condition; XML under `Accept: application/json`; keys of -1 for decisions outside of a process", "the Java clients 8.8.14 and 8.9.0, which work with nothing else", "`tests/foreign`"),
    ("user tasks: search, form, variables", f"{_CONTRACT}; {_CLIENTS}", "`tests/contract/test_embedded_answers.py`, `tests/foreign`"),
    ("batch operations (carried out at once, one after the other), statistics, usage, deletion of history", _CONTRACT, "`test_rest_only.py`, `test_statistics.py`"),
    ("documents, cluster variables, expressions, forms, license", _CONTRACT, "`test_rest_only.py`, `tests/foreign`"),
    ("users, groups, roles, tenants, mapping rules, authorizations (remembered, never enforced)", _CONTRACT, "`test_rest_only.py`, `test_openapi_fuzz.py`"),
    ("who is calling, on dialects of 8.8 and later: which token is refused and in which words, and what a tenant that is not the caller's means", "ours, after what 8.6.0 was seen to do behind an identity provider; nothing newer was seen", "`tests/production/test_token_check.py`, `test_tenants.py`"),
    ("JSON test cases", "published schema (8.9)", "`tests/unit/camunda_embedded/testing`"),
)  # fmt: skip


def absent(dialect: str) -> list[str]:
    """The operations of a dialect that are published and not served, by their ids."""
    service = Service(Engine(lambda: 0), f"{dialect}.0")
    routes = Operations(service, Clock(), DIALECTS[dialect], answer_seconds=1.0).routes
    served = {(route.method, route.path) for route in routes}
    return sorted(
        id_
        for id_, method, path, since, *_ in FACTS.values()
        if parse_version(since) <= parse_version(dialect) and (method, path) not in served
    )


def sections() -> str:
    """The text."""
    rows = "".join(f"| {what} | {source} | {proof} |\n" for what, source, proof in SOURCES)
    names = ", ".join(client.name for client in CLIENTS)
    text = (
        "\n## What the rest rests on\n\n"
        "Recordings come first, then what Camunda publishes, then clients that others wrote and that work. What rests on a\n"
        f"published contract alone was never seen on a real gateway. The clients: {names}.\n\n"
        f"| what | source | proof |\n|---|---|---|\n{rows}"
        "\n## Operations that are not served\n\n"
        "They answer 501 by name. All others of the line are served.\n\n"
        "| dialect | operations |\n|---|---|\n"
    )
    known: set[str] = set()
    for dialect in ("8.8", "8.9", "8.10"):
        names_ = [name for name in absent(dialect) if name not in known]
        known |= set(names_)
        more = "" if dialect == "8.8" else "and "
        text += f"| {dialect} | {more}{', '.join(f'`{name}`' for name in names_)} |\n"
    texts = unrecorded()
    text += (
        "\n## Texts in our words\n\n"
        f"No file in `tests/data/recorded` has these {sum(map(len, texts.values()))} texts of refusals and incidents; `…` stands\n"
        "for what is filled in. They are worded as the recorded ones are, and a real gateway may say something else: do not\n"
        "test for them. No search and no gateway of 8.9 or later was recorded, so what REST refuses there\n"
        "(`_views`, `_servers/rest`) is in our words too, or in those of the published contract.\n\n"
        "| room | text |\n|---|---|\n"
    )
    return text + "".join(
        f"| `{room}` | {one.replace('|', chr(92) + '|')} |\n"
        for room, those in texts.items()
        for one in those
    )
