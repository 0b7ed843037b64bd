"""The command line: ``camunda-bridge``, and ``python -m bridge``, which is the same.

What it needs comes with ``camunda-bridge[cli]``. The commands are listed in ``camunda_cli._registry``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

#: The exit code of a command line that cannot even begin; the others stand in ``camunda_cli._exits``.
_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line, ``sys.argv`` where none is given, and gives its exit code.

    The codes are those of ``camunda-bridge --help``. Nothing is raised but KeyboardInterrupt's kin.
    """
    try:
        from camunda_cli._app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("click", "rich"):
            raise
        sys.stderr.write(
            f"the command line needs {error.name}: install it with pip install 'camunda-bridge[cli]'\n"
        )
        return _USAGE
    return run(sys.argv[1:] if arguments is None else list(arguments))
