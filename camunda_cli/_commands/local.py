"""What needs no cluster: ``embedded``, ``demo``, ``completion``, ``profiles``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from camunda_cli._command import command, pass_session
from camunda_cli._models import service_tasks
from camunda_cli._settings import Session
from camunda_core._profiles import profiles_of
from camunda_core.config import Settings, environment
from camunda_core.errors import ConfigurationError, NotFound

__all__ = ["completion", "demo", "embedded", "profiles"]


@command(name="embedded")
@click.option("--grpc-port", type=int, default=26500, show_default=True, help="Of gRPC; 0 for a free one.")
@click.option("--rest-port", type=int, default=8080, show_default=True, help="Of REST; 0 for a free one.")
@click.option("--dialect", default="8.6", show_default=True, help="The line of clusters that it answers as.")
@click.option(
    "--ui",
    type=int,
    is_flag=False,
    flag_value=8088,
    metavar="PORT",
    help="With a page that shows its instances.",
)
def embedded(grpc_port: int, rest_port: int, dialect: str, ui: int | None) -> int:
    """Run the embedded gateway until SIGTERM or Ctrl-C: both wires, in memory, without Java."""
    from camunda_embedded.__main__ import main

    arguments = ["--grpc-port", str(grpc_port), "--rest-port", str(rest_port), "--dialect", dialect]
    try:
        return main([*arguments, *(["--ui", str(ui)] if ui is not None else [])])
    except SystemExit as error:  # how argparse says that a dialect is none
        return int(error.code or 0)


@command(name="demo")
@pass_session
def demo(session: Session) -> None:
    """Show what this is about, in seconds: one program over both wires, on the embedded gateway."""
    try:
        from camunda_embedded import EmbeddedGateway

        gateway = EmbeddedGateway()
    except ImportError as error:
        raise ConfigurationError(str(error)) from None
    import bridge

    said: list[dict[str, Any]] = []
    with gateway:
        addresses = {"rest_address": gateway.rest_address, "grpc_address": gateway.grpc_address}
        session.output.line("the embedded gateway: in memory, no Java, no network")
        for wire in ("grpc", "rest"):
            with bridge.Client(**addresses, transport=wire, env={}) as client:  # type: ignore[arg-type]
                topology = client.topology()
                client.deploy_resource(("order.bpmn", service_tasks("order", "charge-card")))
                started = client.create_process_instance("order", variables={"total": 12})
                (job,) = client.activate_jobs("charge-card", max_jobs_to_activate=1, request_timeout=5)
                client.complete_job(job.job_key, {"paid": True})
                try:
                    client.complete_job(job.job_key)
                except NotFound as error:
                    refused = f"NotFound: {error.message}"
            said.append(
                {
                    "wire": wire,
                    "version": topology.gateway_version,
                    "instance": started.process_instance_key,
                    "job": job.job_key,
                    "variables": job.variables,
                    "completed again": refused.replace(job.job_key, "…"),
                }
            )
    session.output.table(said, ["wire", "version", "instance", "job", "variables"])
    same = len({row["completed again"] for row in said}) == 1
    if not session.output.json:
        session.output.line(
            f"the same refusal on both wires: {'yes' if same else 'no'}: {said[0]['completed again']}"
        )
        session.output.line(
            "next: camunda-bridge embedded, and in another shell camunda-bridge status --rest http://localhost:8080"
        )


@command(name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@pass_session
def completion(session: Session, shell: str) -> None:
    """Print what makes a shell complete this command line.

    bash: eval "$(camunda-bridge completion bash)" in ~/.bashrc; zsh: the same in ~/.zshrc; fish: camunda-bridge
    completion fish > ~/.config/fish/completions/camunda-bridge.fish
    """
    from click.shell_completion import get_completion_class

    from camunda_cli._app import COMPLETE, NAME, app

    found = get_completion_class(shell)
    assert found is not None
    session.output.raw(found(app, {}, NAME, COMPLETE).source())


@command(name="profiles")
@click.argument("name", required=False)
@pass_session
def profiles(session: Session, name: str | None) -> None:
    """The profiles of the settings file; with NAME, all that one of them sets, without secrets.

    A profile is used with --profile, or by CAMUNDA_BRIDGE_PROFILE.
    """
    file, found = profiles_of(session.option("config"))
    if name is not None:
        settings = Settings.from_env(environment(config_file=file, profile=name, env={}))
        session.output.done(
            settings.describe(), {"profile": name, "settings": settings.describe().splitlines()}
        )
        return
    rows = [_row(file, each) for each in found]
    columns = [
        "profile",
        "rest",
        "grpc",
        "credentials",
        "tenant",
        *(["wrong"] if any(r["wrong"] for r in rows) else []),
    ]
    session.output.table(rows, columns, title=str(file), empty=f"{file} has no profiles")


def _row(file: Path, name: str) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(("rest", "grpc", "credentials", "tenant", "wrong"))
    try:
        settings = Settings.from_env(environment(config_file=file, profile=name, env={}))
    except ConfigurationError as error:
        return {"profile": name, **row, "wrong": str(error).removeprefix(f"config_file {file}: ")}
    return {
        "profile": name,
        "rest": settings.rest_address,
        "grpc": settings.grpc_address,
        "credentials": type(settings.credentials).__name__,
        "tenant": settings.tenant_id,
        "wrong": None,
    }
