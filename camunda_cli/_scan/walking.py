"""Which files are read, and how each is: a tree of sources to the calls in them."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bridge._table.mapping import ROWS
from camunda_cli._scan import python, trees
from camunda_cli._scan.fate import Call
from camunda_cli._scan.names import GENERATED, SKIPPED
from camunda_core.errors import ConfigurationError

__all__ = ["Sources", "files_of", "scan"]

#: A source is smaller than this; what is not was written by a program.
_LARGEST = 2 * 2**20
_SERVICE = re.compile(r"\bservice\s+Gateway\b[^{]*\{")
_RPC = re.compile(r"\brpc\s+(\w+)\s*\(")


@dataclass
class Sources:
    """What was found. ``unread`` are files that could not be read as what they seem to be, with the reason."""

    calls: list[Call] = field(default_factory=list)
    files: int = 0
    unread: dict[str, str] = field(default_factory=dict)


def files_of(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """The sources below these paths, sorted; a file that is named is one whatever its folder is called.

    Raises ConfigurationError for a path that is not there.
    """
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_file():
            found[path] = None
        elif path.is_dir():
            found.update(dict.fromkeys(_below(path)))
        else:
            raise ConfigurationError(f"{path}: there is no such file or folder")
    return sorted(found)


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(
            each for each in folders if each not in SKIPPED and not each.endswith(".egg-info")
        )
        for name in files:
            if name.endswith(_SUFFIXES) and not name.endswith(GENERATED):
                yield Path(here, name)


def scan(files: Iterable[Path], seen: Callable[[], object] = lambda: None) -> Sources:
    """The calls in these files; ``seen`` is called after each. No file ends it: what cannot be read is told."""
    sources = Sources()
    for file in files:
        sources.files += 1
        shown = file.as_posix()
        try:
            sources.calls += sorted(set(_calls(file, shown)))
        except ConfigurationError as error:
            sources.unread[shown] = str(error)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
            sources.unread[shown] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        seen()
    return sources


def _calls(file: Path, shown: str) -> Iterator[Call]:
    if file.stat().st_size > _LARGEST:
        raise ValueError("larger than 2 MiB, so that it was not written by hand")
    source = file.read_bytes()
    if file.suffix in (".py", ".pyi", ".pyw"):
        text = _decoded(source)
        if any(mark in text for mark in python.MARKS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what Python thinks of the source is not asked
                yield from python.calls_in(text, shown)
    elif file.suffix == ".proto":
        yield from _protocol(_decoded(source), shown)
    elif file.suffix in trees.LANGUAGES and b"\0" not in source:
        yield from trees.calls_in(source, shown, trees.LANGUAGES[file.suffix])


def _decoded(source: bytes) -> str:
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        return source.decode("latin-1")


def _protocol(text: str, path: str) -> Iterator[Call]:
    """A copy of the protocol: what a program can call that generates its own stubs."""
    service = _SERVICE.search(text)
    if service is None or "gateway_protocol" not in text:
        return
    for found in _RPC.finditer(text, service.end()):
        if found[1] in ROWS:
            line = text.count("\n", 0, found.start()) + 1
            column = found.start() - text.rfind("\n", 0, found.start())
            yield Call(path, line, column, found[1], "proto", "protocol", sure=False)


_SUFFIXES = (".py", ".pyw", ".proto", *trees.LANGUAGES)
