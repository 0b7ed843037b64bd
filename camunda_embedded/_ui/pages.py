"""The pages: what the log of the gateway says, on the drawings of its processes. Everything is escaped here."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from html import escape
from typing import Any

from camunda_embedded._drawing.read import drawings
from camunda_embedded._drawing.shapes import Diagram
from camunda_embedded._drawing.svg import STYLE, Paint, svg
from camunda_embedded._mocking import Rehearsing
from camunda_embedded._records import Record
from camunda_embedded.testing._facts import InstanceFacts
from camunda_embedded.testing._log import Ledger

__all__ = ["Pages"]

_SHOWN, _KEPT, _DRAWN = 200, 2000, 500
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #f7fafc; color: #1a202c; font: 15px/1.5 system-ui, sans-serif; }
header { background: #1a202c; color: #fff; } header nav { max-width: 1240px; margin: 0 auto; padding: 10px 20px; }
header a { color: #fff; margin-right: 18px; } main { max-width: 1240px; margin: 0 auto; padding: 16px 20px 60px; }
h1 { font-size: 23px; margin: 8px 0; overflow-wrap: anywhere; } h2 { font-size: 17px; margin: 22px 0 6px; }
.quiet { color: #4a5568; } .scroll { overflow-x: auto; background: #fff; border: 1px solid #e2e8f0; border-radius: 8px; }
table { border-collapse: collapse; width: 100%; } th, td { padding: 6px 12px; text-align: left; vertical-align: top; }
td { border-top: 1px solid #e2e8f0; overflow-wrap: anywhere; } th { white-space: nowrap; }
td:first-child { white-space: nowrap; } code { font-size: 13px; white-space: pre-wrap; }
.state { padding: 1px 8px; border-radius: 9px; font-size: 12px; font-weight: 600; background: #edf2f7; white-space: nowrap; }
.state.ACTIVE { background: #bee3f8; } .state.COMPLETED { background: #c6f6d5; }
.state.incident { background: #fed7d7; color: #9b2c2c; }
.bpmn .done .shape { fill: #f0fff4; stroke: #2f855a; } .bpmn .done .flow { stroke: #2f855a; stroke-width: 2.4; }
.bpmn .done .arrow { fill: #2f855a; } .bpmn .here .shape { fill: #bee3f8; stroke: #2b6cb0; stroke-width: 3; }
.bpmn .wrong .shape { fill: #fed7d7; stroke: #c53030; stroke-width: 3; } .bpmn .shape.inner { fill: none; }
"""


class Pages:
    """Reads along while somebody looks; the newest instances are kept, and all that have not ended."""

    def __init__(self, gateway: Rehearsing) -> None:
        self._gateway = gateway
        self._ledger = Ledger()
        self._drawn: dict[int, Diagram | None] = {}
        self._definitions: dict[str, int] = {}
        self._lock = threading.Lock()

    def _read(self) -> Ledger:
        log = self._gateway._known_engines()[0].kernel.log
        seen = self._ledger.seen
        records = self._gateway.run(lambda: log.since(seen))
        for record in records:
            if record.value_type == "PROCESS_INSTANCE" and record.value.get("bpmnElementType") == "PROCESS":
                self._definitions[str(record.key)] = record.value["processDefinitionKey"]
        self._ledger.take(records)
        self._ledger.forget_ended(_KEPT)
        for key in self._definitions.keys() - self._ledger.instances.keys():
            del self._definitions[key]
        return self._ledger

    def overview(self, refresh: bool) -> str:
        """All instances, the newest first."""
        with self._lock:
            found = list(self._read().instances.values())[::-1]
            rows = [
                (
                    f'<a href="/instance/{escape(i.key)}">{escape(i.key)}</a>',
                    escape(i.process_id),
                    _state(i),
                    escape(", ".join(dict.fromkeys(e.id for e in i.elements if e.state == "ACTIVE"))),
                )
                for i in found[:_SHOWN]
            ]
        states = Counter(i.state for i in found)
        told = ", ".join(f"{n} {state}" for state, n in sorted(states.items())) or "none yet"
        more = f'<p class="quiet">The newest {_SHOWN} are shown.</p>' if len(found) > _SHOWN else ""
        table = _table(("instance", "process", "state", "stands at"), rows)
        return _page("Process instances", f'<p class="quiet">{escape(told)}</p>{table}{more}', "/", refresh)

    def instance(self, key: str, refresh: bool) -> str | None:
        """One instance; None when it is not known."""
        with self._lock:
            facts = self._read().instances.get(key)
            if facts is None:
                return None
            body = self._instance(facts)
        return _page(f"{facts.process_id} {facts.key}", body, f"/instance/{key}", refresh)

    def _instance(self, facts: InstanceFacts) -> str:
        diagram = self._diagram(facts.key)
        names = {run.key: run.id for run in facts.elements}
        variables = [("", name, value) for name, value in sorted(facts.variables.items())]
        variables += [
            (names.get(k, k), n, v) for k, found in facts.local.items() for n, v in sorted(found.items())
        ]
        mine = {facts.key, *names}
        records = [r for r in self._records() if str(r.value.get("processInstanceKey", r.key)) in mine]
        parent = (
            f'<p>Called by <a href="/instance/{facts.parent}">{facts.parent}</a></p>' if facts.parent else ""
        )
        called = [i.key for i in self._ledger.instances.values() if i.parent == facts.key][-_SHOWN:]
        calls = "".join(f' <a href="/instance/{key}">{key}</a>' for key in called)
        return "".join(
            (
                f"<p>{_state(facts)}</p>{parent}" + (f"<p>Calls{calls}</p>" if calls else ""),
                f'<div class="scroll">{svg(diagram, _paints(facts))}</div>' if diagram is not None else "",
                "<h2>Variables</h2>",
                _table(("name", "value", "of"), [(escape(n), _code(v), escape(s)) for s, n, v in variables]),
                "<h2>Incidents</h2>",
                _table(
                    ("element", "type", "state", "message"),
                    [tuple(map(escape, (i.element_id, i.type, i.state, i.message))) for i in facts.incidents],
                ),
                "<h2>Jobs</h2>",
                _table(
                    ("key", "type", "element", "state", "retries", "worker", "error"),
                    [
                        tuple(
                            map(
                                escape,
                                (j.key, j.type, j.element_id, j.state, str(j.retries), j.worker, j.error),
                            )
                        )
                        for j in facts.jobs[::-1][:_SHOWN]
                    ],
                ),
                "<h2>Log</h2>",
                _log(records),
            )
        )

    def _diagram(self, key: str) -> Diagram | None:
        definition = self._definitions.get(key, 0)
        if definition not in self._drawn:
            engines = self._gateway._known_engines()
            there = [engine.repository.processes.by_key for engine in engines]
            found = self._gateway.run(
                lambda: next((each[definition] for each in there if definition in each), None)
            )
            if found is not None:
                self._drawn[definition] = drawings(found.content).get(found.id)
        return self._drawn.get(definition)

    def log(self, refresh: bool) -> str:
        """The newest records of all."""
        with self._lock:
            body = _log(self._records())
        return _page("Log", body, "/log", refresh)

    def _records(self) -> list[Record]:
        log = self._gateway._known_engines()[0].kernel.log
        return self._gateway.run(lambda: log.since(max(log.position - _DRAWN * 20, 0)))


def _paints(facts: InstanceFacts) -> dict[str, Paint]:
    paints = {flow: Paint("done", f"{flow}: taken {n} times") for flow, n in Counter(facts.flows).items()}
    wrong = {i.element_id for i in facts.incidents if i.state == "ACTIVE"}
    for id_ in dict.fromkeys(run.id for run in facts.elements):
        here = len(facts.runs(id_, "ACTIVE"))
        kind = "wrong" if id_ in wrong else "here" if here else "done"
        states = Counter(run.state for run in facts.runs(id_))
        told = ", ".join(f"{n} {state}" for state, n in states.items())
        paints[id_] = Paint(kind, f"{id_}: {told}", str(here) if here else "")
    return paints


def _state(facts: InstanceFacts) -> str:
    incidents = sum(1 for i in facts.incidents if i.state == "ACTIVE")
    wrong = (
        f' <span class="state incident">{incidents} incident{"s" * (incidents > 1)}</span>'
        if incidents
        else ""
    )
    return f'<span class="state {escape(facts.state)}">{escape(facts.state)}</span>{wrong}'


def _log(records: Sequence[Record]) -> str:
    rows = [
        (
            str(r.position),
            (_EPOCH + timedelta(milliseconds=r.timestamp)).strftime("%H:%M:%S.%f")[:-3],
            escape(f"{r.record_type} {r.value_type} {r.intent}"),
            escape(str(r.value.get("elementId") or r.value.get("name") or "")),
            escape(r.rejection_reason),
        )
        for r in records[-_DRAWN:][::-1]
    ]
    return _table(("position", "time (UTC)", "record", "about", "refused because"), rows)


def _code(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"<code>{escape(text if len(text) <= 2000 else text[:2000] + '…')}</code>"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are escaped already."""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    if not body:
        return '<p class="quiet">none</p>'
    head = "".join(f"<th>{title}</th>" for title in titles)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _page(title: str, body: str, path: str, refresh: bool) -> str:
    again = '<meta http-equiv="refresh" content="2">' if refresh else ""
    query = "" if refresh else "?refresh"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{again}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{_STYLE}</style></head><body>"
        '<header><nav><a href="/">Instances</a><a href="/log">Log</a>'
        f'<a href="{path}{query}">{"Stop reloading" if refresh else "Reload every 2 s"}</a></nav></header>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )
