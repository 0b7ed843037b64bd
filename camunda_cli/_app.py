"""The command line itself: the root of all commands, and how a run ends."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

import click

from camunda_cli._command import Root
from camunda_cli._exits import Exit, exit_of
from camunda_cli._names import rewritten
from camunda_cli._settings import Session
from camunda_cli._signals import Ended, ended_by_signals
from camunda_core.errors import CamundaError
from camunda_core.version import VERSION

__all__ = ["COMPLETE", "NAME", "app", "run"]

NAME = "camunda-bridge"
#: The variable by which a shell asks for completions.
COMPLETE = "_CAMUNDA_BRIDGE_COMPLETE"

#: Words of the library about its arguments, and what they are called here.
_OPTIONS = {
    "rest_address=": "--rest",
    "grpc_address=": "--grpc",
    "cluster_version=": "--cluster-version",
    "routes=": "--routes",
}

app = Root(
    name=NAME,
    help=(
        "Camunda 8 on the command line, over REST or gRPC.\n\n"
        "Settings come from the options below, from the environment (CAMUNDA_REST_ADDRESS, CAMUNDA_CLIENT_ID, …), and "
        "from the files and the profile that are named. The options may stand before or behind the command."
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
click.version_option(VERSION, prog_name=NAME, message="%(prog)s %(version)s")(app)


def run(arguments: Sequence[str]) -> int:
    """Runs a command line; its exit code."""
    session = Session(arguments_given=tuple(arguments))
    output = session.output
    signals = Ended()
    try:
        with ended_by_signals() as signals:
            ended = app.main(
                rewritten(arguments),
                prog_name=NAME,
                complete_var=COMPLETE,
                obj=session,
                standalone_mode=False,
            )
            output.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        output.raw(error.format_message())
        return Exit.USAGE
    except click.ClickException as error:
        usage = error.ctx.get_usage() + "\n\n" if isinstance(error, click.UsageError) and error.ctx else ""
        text = error.format_message()
        output.error(f"{usage}{text}", {"type": "Usage", "message": text, "exit_code": Exit.USAGE})
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        if signals.by_sigterm:
            return Exit.TERMINATED
        output.note("interrupted")
        return Exit.INTERRUPTED
    except BrokenPipeError:  # whoever read us (head, less) has seen enough
        _to_nowhere()
        return Exit.DONE
    except Exception as error:
        return _failed(session, error)
    return int(ended) if isinstance(ended, int) else Exit.DONE


def _failed(session: Session, error: Exception) -> int:
    code = exit_of(error)
    text = str(error)
    for word, option in _OPTIONS.items():
        text = text.replace(word, option)
    if session.verbose or code is None:
        session.output.stderr.write("".join(traceback.format_exception(error)))
    if code is None:
        code = Exit.FAULT
        text = f"{text or type(error).__name__} (a fault of this program: please report it)"
    named: dict[str, Any] = {"type": type(error).__name__, "message": text, "exit_code": code}
    if isinstance(error, CamundaError):
        named |= {"code": error.grpc_code, "operation": error.operation}
    session.output.error(f"{type(error).__name__}: {text}", named)
    return code


def _to_nowhere() -> None:
    """What is left in the buffers goes nowhere, so that Python's end does not fail on it."""
    import os
    import sys

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
