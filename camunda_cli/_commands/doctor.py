"""``doctor``: the way to a cluster, step by step, with what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from camunda_cli._command import command, pass_session
from camunda_cli._doctor.findings import OK, SKIPPED, WRONG, Finding
from camunda_cli._doctor.network import masked
from camunda_cli._doctor.rounds import examined
from camunda_cli._exits import Exit
from camunda_cli._kinds import duration
from camunda_cli._settings import Session
from camunda_core._versions import versions
from camunda_core.errors import ConfigurationError

__all__ = ["doctor"]

_TITLES = {"": "Settings", "rest": "REST", "grpc": "gRPC"}
_PACKAGES = ("requests", "urllib3", "aiohttp", "grpcio", "protobuf", "click", "rich")


@command(name="doctor")
@click.option("--within", type=duration, default=60.0, metavar="TIME", help="The time for all of it (1m).")
@click.option(
    "--poll", type=duration, default=10.0, metavar="TIME", help="How long polls and streams are tried (10s)."
)
@click.option(
    "--write", is_flag=True, help="Deploy a process of its own, to see whether streams push; it is deleted."
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write all of it as text for a bug report, without secrets.",
)
@pass_session
def doctor(session: Session, within: float, poll: float, write: bool, report: Path | None) -> int:
    """Find out why a cluster cannot be reached, or not be worked with.

    Both wires are looked at, step by step: settings, token, name, proxy, connection, TLS, HTTP, version, permissions,
    tenant, sizes of requests, long polls, streams, clock. What is wrong is said with how to mend it. Nothing is changed
    in the cluster unless --write is given. Ends with 1 where something is wrong.
    """
    output = session.output
    with output.progress("looking", None) as step:
        found = examined(session, within=within, poll=poll, write=write, tell=lambda each: step(each.step))
    wrong = [each for each in found if each.state == WRONG]
    if report is not None:
        report.write_text(report_text(session, found), encoding="utf-8")
        output.note(f"the report is in {report}")
    if output.json:
        output.value({"ok": not wrong, "findings": found})
    else:
        _shown(session, found)
    return Exit.FOUND if wrong else Exit.DONE


def _shown(session: Session, found: Sequence[Finding]) -> None:
    output, wire = session.output, None
    for each in found:
        if each.wire != wire:
            output.line(
                ("" if wire is None else "\n") + (_TITLES[each.wire] if wire is None or each.wire else "Both")
            )
            wire = each.wire
        style = {OK: "green", WRONG: "red", SKIPPED: "dim"}.get(each.state, "yellow")
        output.line(f"  {each.state:<8} {each.step:<12} {each.said}", style)
        if each.mend:
            output.line(f"  {'':<8} {'':<12} → {each.mend}")
    wrong = sum(each.state == WRONG for each in found)
    output.line(
        "\nnothing is wrong" if not wrong else f"\n{wrong} {'things are' if wrong > 1 else 'thing is'} wrong"
    )


def report_text(session: Session, found: Sequence[Finding]) -> str:
    """Versions, settings and findings; secrets are not in it."""
    rows = versions(_PACKAGES)
    try:
        settings = session.settings().describe().splitlines()
    except ConfigurationError as error:
        settings = str(error).splitlines()
    lines = ["Versions", *(f"  {name:<15} {value}" for name, value in rows), "", "Settings"]
    lines += [f"  {masked(line)}" for line in settings]
    lines += ["", "Findings"]
    for each in found:
        lines.append(
            f"  {each.wire or '-':<5} {each.step:<12} {each.state:<8} {each.seconds:6.2f} s  {masked(each.said)}"
        )
    return "\n".join(lines) + "\n"
