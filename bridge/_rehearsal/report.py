"""What a rehearsal has found, as text and as data. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge._rehearsal.judging import EMULATED, Finding

__all__ = ["Counted", "Report"]

_PAGE = "https://github.com/camunda-bridge/camunda-bridge/blob/main/docs/differences.md"


@dataclass(frozen=True)
class Counted:
    """One finding at one place of the program, and how many requests met it."""

    rpc: str
    site: str
    finding: Finding
    count: int


@dataclass(frozen=True)
class Report:
    """What a rehearsal has seen.

    ``calls``       how many requests were judged, by RPC and place
    ``found``       what they met, the most frequent first
    ``left_out``    requests that were not judged, by the reason: sampled out, too large, too many at once
    ``version``     the cluster's, as it was given or seen in an answer to ``Topology``; "" is not known
    """

    calls: Mapping[tuple[str, str], int]
    found: tuple[Counted, ...]
    left_out: Mapping[str, int]
    version: str

    @property
    def judged(self) -> int:
        """How many requests were judged."""
        return sum(self.calls.values())

    @property
    def blocking(self) -> tuple[Counted, ...]:
        """What would fail over REST."""
        return tuple(each for each in self.found if each.finding.blocking)

    def data(self) -> dict[str, Any]:
        """All of it as JSON can carry it."""
        return {
            "judged": self.judged,
            "leftOut": dict(self.left_out),
            "clusterVersion": self.version or None,
            "calls": [
                {"rpc": rpc, "site": site, "count": count} for (rpc, site), count in self.calls.items()
            ],
            "findings": [
                {
                    "rpc": each.rpc,
                    "site": each.site,
                    "kind": each.finding.kind,
                    "name": each.finding.name,
                    "text": each.finding.text,
                    "wayOut": each.finding.way_out,
                    "blocking": each.finding.blocking,
                    "count": each.count,
                }
                for each in self.found
            ],
        }

    def json(self) -> str:
        """``data()`` as text."""
        return json.dumps(self.data(), indent=2, ensure_ascii=False) + "\n"

    def markdown(self) -> str:
        """For people: what stands in the way first."""
        blocked = sum(each.count for each in self.blocking)
        places = len(self.calls)
        lines = [
            "# Rehearsal",
            "",
            f"{self.judged} requests from {places} places were said in REST, and not sent there"
            f" (cluster: {self.version or 'version not known'}).",
        ]
        lines += [f"{count} were not judged: {why}." for why, count in self.left_out.items()]
        lines.append("")
        if not self.blocking:
            lines.append("Nothing stands in the way: each of them can be sent over REST.")
        else:
            lines += [f"## Stands in the way: {blocked} requests", ""]
            lines += _table(self.blocking, way_out=True)
        for title, kinds in (
            ("Emulated", (EMULATED,)),
            ("Answered differently", ("answered differently",)),
            ("Where a refusal would read differently", ("refused differently",)),
        ):
            chosen = [each for each in self.found if each.finding.kind in kinds]
            if chosen:
                lines += ["", f"## {title}", "", *_table(chosen, way_out=False)]
        lines += ["", f"The names of differences are those of [the list]({_PAGE}).", ""]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.markdown()


def _table(rows: Iterable[Counted], *, way_out: bool) -> list[str]:
    head = ["requests", "RPC", "where", "what", "why", *(["way out"] if way_out else [])]
    lines = [_line(head), _line(["---:", *["---"] * (len(head) - 1)])]
    for each in rows:
        finding = each.finding
        cells = [str(each.count), each.rpc, f"`{each.site}`", finding.name, finding.text]
        lines.append(_line([*cells, *([finding.way_out] if way_out else [])]))
    return lines


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
