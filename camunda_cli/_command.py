"""What all commands have in common: the shared options, which stand before or behind the name of a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from camunda_cli._exits import MEANINGS
from camunda_cli._kinds import duration
from camunda_cli._registry import SECTIONS, entries
from camunda_cli._settings import Session

__all__ = ["Command", "Group", "Root", "command", "group", "pass_session"]

F = TypeVar("F", bound=Callable[..., Any])

pass_session = click.make_pass_decorator(Session, ensure=True)


def _keep(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    if value is None or value is False:
        return
    session = ctx.ensure_object(Session)
    session.options[option.name or ""] = value
    if option.name == "json" or (option.name == "output" and value == "json"):
        session.output.json = True
    elif option.name == "no_color":
        session.output.color = False


def _shared(hidden: bool) -> list[click.Parameter]:
    def option(*names: str, **more: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=_keep, hidden=hidden, **more)

    return [
        option("--rest", metavar="URL", help="Where REST is: http://localhost:8080."),
        option("--grpc", metavar="ADDRESS", help="Where gRPC is: localhost:26500, grpcs://host:443."),
        option(
            "--transport",
            type=click.Choice(["rest", "grpc"]),
            help="The wire, where both addresses are there.",
        ),
        option("--routes", metavar="ROUTES", help='Which wire serves what: "grpc, CompleteJob=rest".'),
        option("--profile", metavar="NAME", help="A profile of camunda-bridge.toml."),
        option("--config", metavar="FILE", help="A file of settings in place of camunda-bridge.toml."),
        option("--env-file", metavar="FILE", help="A .env file."),
        option("--tenant", metavar="ID", help="The tenant that is meant."),
        option("--timeout", "timeout", type=duration, metavar="TIME", help="Limit of one call: 30s, 2m."),
        option("--cluster-version", metavar="VERSION", help="8.8: then the cluster is not asked."),
        option("--json", "json", is_flag=True, help="Results as JSON, for programs."),
        option("--no-color", is_flag=True, help="No colors on a terminal."),
        option("--verbose", is_flag=True, help="Faults with their traceback."),
        # Of zbctl.
        *(
            click.Option(names, expose_value=False, callback=_keep, hidden=True, **more)
            for names, more in (
                (("--address", "grpc"), {}),
                (("-o", "--output", "output"), {"type": click.Choice(["json", "human", "text"])}),
                (("--insecure",), {"is_flag": True}),
            )
        ),
    ]


_SHARED_NAMES = frozenset(name for each in _shared(True) for name in each.opts)
_POINTER = "The options of the connection and of the output are those of camunda-bridge --help."


class Command(click.Command):
    """A command that takes the shared options as well; its help points at them."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        own = {name for each in self.params for name in each.opts}
        self.params += [each for each in _shared(True) if not own & set(each.opts)]
        self.epilog = self.epilog or _POINTER


class Group(click.Group):
    """Commands of one kind."""

    command_class = Command

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.params += _shared(True)
        self.epilog = self.epilog or _POINTER


Group.group_class = Group


class Root(click.Group):
    """The commands of the registry, each imported when it is used."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.params += _shared(False)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(entries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = entries().get(cmd_name)
        if entry is None:
            return None
        from importlib import import_module

        module, _, attribute = entry.place.partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.about) for name, entry in commands.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in MEANINGS.items()])


def command(**more: Any) -> Callable[[Callable[..., Any]], Command]:
    """``click.command`` with the shared options. What the function returns is the exit code, None is 0."""
    return click.command(cls=Command, **more)


def group(**more: Any) -> Callable[[Callable[..., Any]], Group]:
    """``click.group`` with the shared options."""
    return click.group(cls=Group, **more)
