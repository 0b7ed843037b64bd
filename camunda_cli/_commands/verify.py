"""``verify``: whether all ways to a cluster say the same."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from camunda_cli._command import command, pass_session
from camunda_cli._exits import Exit
from camunda_cli._output import Column
from camunda_cli._settings import Session
from camunda_cli._verify.report import DIFFERENCES, html, junit
from camunda_cli._verify.running import DOCUMENTED_ONLY, Run, verified
from camunda_cli._verify.scenarios import SCENARIOS
from camunda_cli._verify.ways import NAMES, ways

__all__ = ["verify"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@command(name="verify")
@click.option(
    "--only", multiple=True, metavar="WORD", help="The scenarios with this word in their name or RPC."
)
@click.option("--html", "page", type=_FILE, metavar="FILE", help="Write a page that shows all of it.")
@click.option("--junit", "xml", type=_FILE, metavar="FILE", help="Write it as JUnit's XML, for CI.")
@click.option(
    "--prefix",
    default="camunda-bridge-verify",
    show_default=True,
    metavar="TEXT",
    help="What all ids begin with.",
)
@click.option("--keep", is_flag=True, help="Do not clean up.")
@click.option("--list", "listed", is_flag=True, help="Only say which scenarios there are.")
@pass_session
def verify(
    session: Session,
    only: tuple[str, ...],
    page: Path | None,
    xml: Path | None,
    prefix: str,
    keep: bool,
    listed: bool,
) -> int:
    """Play every RPC and refusal on your cluster, on every way there is, and compare.

    The ways are the clients and the drop-in channels, blocking and asyncio, on each wire that has an address; each is
    compared with the first. "documented" is a published difference that nobody can heal. What is deployed has ids of
    its own and is deleted at the end, and instances are cancelled; what the cluster keeps of them (history) stays. With
    --tenant all of it is in that tenant. Ends with 1 where something differs or failed.
    """
    output = session.output
    wanted = [
        each
        for each in SCENARIOS
        if not only or any(word.lower() in f"{each.name} {each.about}".lower() for word in only)
    ]
    if not wanted:
        raise click.BadParameter("no scenario has that word; --list names them", param_hint="--only")
    if listed:
        rows = [
            {"scenario": each.name, "about": each.about, "since": ".".join(map(str, each.since))}
            for each in wanted
        ]
        output.table(rows, ["scenario", "about", "since"])
        return Exit.DONE
    opened = ways(session)
    try:
        with output.progress("verify", len(wanted) * len(opened)) as step:
            run = verified(session, opened, wanted, prefix=prefix, keep=keep, step=step)
    finally:
        for way in opened:
            way.close()
    names = [name for name in NAMES if any(each.way == name for each in run.results)]
    if page is not None:
        page.write_text(html(run, names, datetime.now().strftime("%Y-%m-%d %H:%M")), encoding="utf-8")
        output.note(f"the page is {page}")
    if xml is not None:
        xml.write_text(junit(run), encoding="utf-8")
        output.note(f"the XML is {xml}")
    _shown(session, run, names)
    return Exit.FOUND if run.wrong else Exit.DONE


def _shown(session: Session, run: Run, names: list[str]) -> None:
    output = session.output
    if output.json:
        output.value(
            {"version": run.version, "reference": run.reference, "results": run.results, "left": run.left}
        )
        return
    rows: dict[str, dict[str, str]] = {}
    for each in run.results:
        rows.setdefault(each.scenario, {"scenario": each.scenario})[each.way] = each.state
    short = {name: name.replace(" over ", " ").replace("drop-in ", "") for name in names}
    output.table(
        rows.values(),
        ["scenario", *(Column(name, short[name]) for name in names)],
        title=f"cluster {run.version}",
    )
    for each in run.wrong:
        output.line(f"\n{each.scenario}, {each.way}: {each.state}", "red")
        for line in each.said:
            output.line(f"  {line}")
    documented = sorted({name for each in run.results for name in each.documented})
    if documented:
        output.line(f"\n{DOCUMENTED_ONLY}: {', '.join(documented)}; see {DIFFERENCES}")
    for line in run.left:
        output.error(f"not cleaned up: {line}")
    output.line(f"\n{len(run.results)} plays, {len(run.wrong)} differ or failed")
