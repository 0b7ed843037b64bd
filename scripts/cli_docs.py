"""Writes docs/reference/cli.md from the commands themselves: what ``--help`` of each of them says.

python -m scripts.cli_docs            writes the file
python -m scripts.cli_docs --check    writes nothing; exits 1 when the file is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from camunda_cli._app import NAME, app
from camunda_cli._names import NAMES

__all__ = ["main", "text"]

_FILE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli.md"

_HEAD = """# The command line

`camunda-bridge` is Camunda 8 on the command line, over REST or gRPC; `python -m bridge` is the
same. It comes with `pip install "camunda-bridge[cli]"`. What a job worker, the embedded gateway or
gRPC need comes with their own extras (`[aio]`, `[embedded]`, `[grpc]`), and is named where it is
missing.

Tables are drawn on a terminal; in a pipe they are plain columns, and `--json` gives JSON in the
words of the REST API. Results go to standard output, everything else to standard error.

This page is what `--help` says (`python -m scripts.cli_docs` writes it).

"""
_TAIL = """## Names of zbctl and c8ctl

A line of `zbctl` or of `c8ctl` means the same here, with its options:
`camunda-bridge create instance order --variables '{}'`, `camunda-bridge list pi --state=ACTIVE`. So
do `--address`, `--insecure` and `-o json`. Where theirs is a time, a plain number is milliseconds,
and `60s` is what it says. Nouns have their short names (`pi`, `pd`, `ut`, `inc`, `msg`, `vars`).
What c8ctl remembers (`use profile`) is `CAMUNDA_BRIDGE_PROFILE` here; there are no plugins.

| theirs | here | of |
|---|---|---|
{names}

## As a function

::: camunda_cli.main
"""


def commands(
    command: click.Command, ctx: click.Context, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every command below this one that is shown, itself first: its words and its help."""
    yield words, command.get_help(ctx)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            each = command.get_command(ctx, name)
            if each is not None and not each.hidden:
                made = click.Context(each, info_name=name, parent=ctx)
                yield from commands(each, made, (*words, name))


def text() -> str:
    """The page."""
    ctx = click.Context(app, info_name=NAME, terminal_width=100, help_option_names=["-h", "--help"])
    parts = [
        f"{'#' * min(1 + len(words), 4)} {' '.join(words)}\n\n```text\n{shown.rstrip()}\n```\n"
        for words, shown in commands(app, ctx, (NAME,))
    ]
    return _HEAD + "\n".join(parts) + "\n" + _TAIL.replace("{names}", "\n".join(_names()))


def _names() -> Iterator[str]:
    whose = {"both": "zbctl, c8ctl"}
    for name in NAMES:
        theirs = " ".join(filter(None, (name.verb, next(iter(name.nouns), ""))))
        yield f"| `{theirs}` | `{' '.join(name.ours)}` | {whose.get(name.whose, name.whose)} |"


def main(arguments: list[str]) -> int:
    """Runs the command; the exit code."""
    if "--check" in arguments:
        return int(_FILE.read_text(encoding="utf-8") != text())
    _FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
