"""A run as a page of HTML that needs nothing else, and as the XML of JUnit."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from html import escape

from camunda_cli._verify.running import DIFFERS, DOCUMENTED_ONLY, EQUAL, FAILED, NOT_HERE, Result, Run

__all__ = ["DIFFERENCES", "html", "junit"]

DIFFERENCES = "https://github.com/camunda-bridge/camunda-bridge/blob/main/docs/differences.md"
_COLORS = {
    EQUAL: "#2e7d32",
    DOCUMENTED_ONLY: "#b26a00",
    DIFFERS: "#c62828",
    FAILED: "#c62828",
    NOT_HERE: "#777",
}
_STYLE = (
    "body{font:15px system-ui,sans-serif;margin:2em;color:#222}table{border-collapse:collapse}"
    "td,th{border:1px solid #ccc;padding:4px 8px;text-align:left;vertical-align:top}th{background:#f5f5f5}"
    "code{font-size:13px;white-space:pre-wrap}"
)


def html(run: Run, ways: Sequence[str], made: str) -> str:
    """The page. ``made`` is when."""
    by_place = {(each.scenario, each.way): each for each in run.results}
    rows = []
    for scenario, about in dict.fromkeys((each.scenario, each.about) for each in run.results):
        cells = "".join(_cell(by_place.get((scenario, way))) for way in ways)
        rows.append(f"<tr><td>{escape(scenario)}</td><td>{escape(about)}</td>{cells}</tr>")
    wrong = "".join(
        f"<h3>{escape(each.scenario)}, {escape(each.way)}: {escape(each.state)}</h3>"
        + "".join(f"<p><code>{escape(line)}</code></p>" for line in each.said)
        for each in run.wrong
    )
    left = "".join(f"<li>{escape(each)}</li>" for each in run.left)
    heads = "".join(f"<th>{escape(way)}</th>" for way in ways)
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>camunda-bridge verify</title>"
        f"<style>{_STYLE}</style></head><body><h1>camunda-bridge verify</h1>"
        f"<p>Cluster {escape(run.version)}, {escape(made)}. Every way is compared with: {escape(run.reference)}. "
        f"What is documented stands in <a href='{DIFFERENCES}'>the list of differences</a>.</p>"
        f"<p><b>{len(run.wrong)}</b> of {len(run.results)} plays differ or failed.</p>"
        f"<table><tr><th>scenario</th><th>about</th>{heads}</tr>{''.join(rows)}</table>{wrong}"
        + (f"<h2>Not cleaned up</h2><ul>{left}</ul>" if left else "")
        + "</body></html>\n"
    )


def _cell(result: Result | None) -> str:
    if result is None:
        return "<td></td>"
    more = ", ".join(result.documented) if result.state == DOCUMENTED_ONLY else ""
    more = "; ".join(result.said) if result.state == NOT_HERE else more
    text = escape(result.state) + (f"<br><small>{escape(more)}</small>" if more else "")
    return f"<td style='color:{_COLORS[result.state]}'>{text}</td>"


def junit(run: Run) -> str:
    """The XML: a suite for each way, a case for each scenario."""
    root = ET.Element("testsuites", name="camunda-bridge verify")
    for way in dict.fromkeys(each.way for each in run.results):
        results = [each for each in run.results if each.way == way]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=way,
            tests=str(len(results)),
            failures=str(sum(each.state == DIFFERS for each in results)),
            errors=str(sum(each.state == FAILED for each in results)),
            skipped=str(sum(each.state == NOT_HERE for each in results)),
            time=f"{sum(each.seconds for each in results):.3f}",
        )
        for each in results:
            case = ET.SubElement(
                suite, "testcase", name=each.scenario, classname=way, time=f"{each.seconds:.3f}"
            )
            text = "\n".join(_printable(line) for line in each.said)
            if each.state in (DIFFERS, FAILED):
                kind = "failure" if each.state == DIFFERS else "error"
                ET.SubElement(case, kind, message=text.split("\n")[0]).text = text
            elif each.state == NOT_HERE:
                ET.SubElement(case, "skipped", message=text)
            elif each.documented:
                ET.SubElement(case, "system-out").text = f"documented: {', '.join(each.documented)}"
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _printable(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(each if each.isprintable() or each in "\n\t" else "�" for each in text)
