"""``scan``: what a program calls of the gateway, and what becomes of each call over REST."""

from __future__ import annotations

from pathlib import Path

import click

from bridge._table.versions import parse_version
from camunda_cli._command import command, pass_session
from camunda_cli._exits import Exit
from camunda_cli._output import Column
from camunda_cli._scan.fate import FATES, fate_of
from camunda_cli._scan.report import as_data, markdown, sarif, summary, worst_is
from camunda_cli._scan.walking import files_of
from camunda_cli._scan.walking import scan as scanned
from camunda_cli._settings import Session

__all__ = ["scan"]

#: The version that is meant where none is named: the oldest that has all of REST.
_VERSION = "8.6"


@command(name="scan")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "sarif"]),
    default="text",
    help="How the result is written.",
)
@click.option("--output", "file", metavar="FILE", help="Write it there and not to standard output.")
@click.option(
    "--fail-on",
    type=click.Choice(FATES[1:]),
    help="End with 1 where a call is that, or worse: renamed, emulated, unknown, refused.",
)
@pass_session
def scan(session: Session, paths: tuple[str, ...], form: str, file: str | None, fail_on: str | None) -> int:
    """What the sources below PATH call, and the fate of each call over REST.

    Python, Java, Go, C#, TypeScript, JavaScript and copies of the protocol are read; nothing is run, and no cluster is
    asked. --cluster-version says for which cluster, 8.6 if it does not.
    """
    version = parse_version(session.option("cluster_version") or _VERSION)
    shown = f"{version[0]}.{version[1]}"
    files = files_of(paths)
    with session.output.progress("reading", len(files)) as step:
        sources = scanned(files, step)
    found = [fate_of(call, version) for call in sources.calls]
    if session.output.json:
        form = "json"
    text = ""
    if form == "markdown":
        text = markdown(found, shown, sources.files, sources.unread)
    elif form == "sarif":
        text = sarif(found, shown)
    if form == "json":
        data = as_data(found, shown, sources.files, sources.unread)
        if file is None:
            session.output.value(data)
        else:
            import json

            text = json.dumps(data, indent=2, ensure_ascii=False)
    if file is not None:
        Path(file).write_text(text or markdown(found, shown, sources.files, sources.unread), encoding="utf-8")
        session.output.note(f"{summary(found, shown)}: {file}")
    elif text:
        session.output.raw(text)
    elif form == "text":
        rows = [
            {
                "where": f"{each.call.path}:{each.call.line}",
                "rpc": (each.call.rpc or "?") + ("" if each.call.sure else " (by its name)"),
                "fate": each.fate,
                "why": each.why + (f" → {each.way_out}" if each.way_out else ""),
            }
            for each in sorted(found, key=lambda each: -FATES.index(each.fate))
        ]
        session.output.table(
            rows,
            [Column("where"), Column("rpc", "RPC", whole=True), Column("fate", whole=True), Column("why")],
            empty="no call of the gateway was found",
        )
        if rows:
            session.output.line(summary(found, shown))
        for path, why in sources.unread.items():
            session.output.note(f"{path}: not read: {why}")
    return Exit.FOUND if fail_on and worst_is(found, fail_on) else Exit.DONE
