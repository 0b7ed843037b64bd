"""What a scan has found, as Markdown, JSON and SARIF, and its summary. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from camunda_cli._scan.fate import FATES, Found
from camunda_core.version import VERSION

__all__ = ["as_data", "markdown", "sarif", "summary", "worst_is"]

_PAGE = "https://github.com/camunda-bridge/camunda-bridge/blob/main/docs/mapping.md"
_LEVELS = {"refused": "error", "unknown": "warning", "emulated": "warning", "renamed": "note", "same": "note"}


def summary(found: Sequence[Found], version: str) -> str:
    """One sentence: how much moves by the one line."""
    if not found:
        return "no call of the gateway was found"
    counts = Counter(each.fate for each in found)
    moves = counts["same"] + counts["renamed"]
    parts = [f"{counts[fate]} {fate}" for fate in FATES if counts[fate]]
    return (
        f"{len(found)} calls, on a cluster of {version}: {', '.join(parts)}; "
        f"{moves * 100 // len(found)} % move by changing the line that makes the channel"
    )


def worst_is(found: Sequence[Found], fate: str) -> bool:
    """Whether something is as bad as that, or worse."""
    bad = set(FATES[FATES.index(fate) :])
    return any(each.fate in bad for each in found)


def as_data(found: Sequence[Found], version: str, files: int, unread: dict[str, str]) -> dict[str, Any]:
    """All of it as JSON can carry it."""
    return {
        "clusterVersion": version,
        "files": files,
        "summary": {fate: sum(each.fate == fate for each in found) for fate in FATES},
        "calls": [
            {
                "path": each.call.path,
                "line": each.call.line,
                "column": each.call.column,
                "language": each.call.language,
                "library": each.call.library,
                "rpc": each.call.rpc or None,
                "fields": list(each.call.fields),
                "sure": each.call.sure,
                "fate": each.fate,
                "why": each.why,
                "wayOut": each.way_out,
            }
            for each in found
        ],
        "unread": unread,
    }


def markdown(found: Sequence[Found], version: str, files: int, unread: dict[str, str]) -> str:
    """For people, the worst first."""
    lines = ["# Calls of the gateway", "", f"{files} files: {summary(found, version)}.", ""]
    for fate in reversed(FATES):
        chosen = [each for each in found if each.fate == fate]
        if not chosen:
            continue
        lines += [f"## {fate.capitalize()}: {len(chosen)}", "", "| where | RPC | fields | why | way out |"]
        lines.append("| --- | --- | --- | --- | --- |")
        for each in chosen:
            call = each.call
            doubt = "" if call.sure else " (by its name)"
            cells = (
                f"`{call.path}:{call.line}`",
                f"{call.rpc or '?'}{doubt}",
                ", ".join(call.fields),
                each.why,
                each.way_out,
            )
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    if unread:
        lines += ["## Not read", "", *(f"- `{path}`: {why}" for path, why in unread.items()), ""]
    lines += [f"What each field is in REST: [the mapping]({_PAGE}).", ""]
    return "\n".join(lines)


def sarif(found: Sequence[Found], version: str) -> str:
    """SARIF 2.1.0, as code hosts read it; calls that move as they are, are left out."""
    told = [each for each in found if each.fate not in ("same", "renamed")]
    rules = [
        {
            "id": fate,
            "shortDescription": {"text": f"A call of the gateway that is {fate} over REST"},
            "helpUri": _PAGE,
        }
        for fate in FATES
    ]
    results = [
        {
            "ruleId": each.fate,
            "ruleIndex": FATES.index(each.fate),
            "level": _LEVELS[each.fate],
            "message": {"text": _said(each, version)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": each.call.path},
                        "region": {"startLine": each.call.line, "startColumn": each.call.column},
                    }
                }
            ],
        }
        for each in told
    ]
    driver = {"name": "camunda-bridge", "version": VERSION, "rules": rules}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _said(each: Found, version: str) -> str:
    way_out = f" Way out: {each.way_out}." if each.way_out else ""
    return f"{each.call.rpc or 'An RPC'} on a cluster of {version}: {each.why}.{way_out}"
