"""The resources of a deployment, read and checked before anything is sent."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from camunda_core._arguments import is_sendable, shown
from camunda_core.errors import InvalidRequest

__all__ = ["read_resources"]

#: What is deployed of a folder: what the engine knows by itself. Anything else is given by name.
SUFFIXES = (".bpmn", ".dmn", ".form")


def read_resources(resources: Iterable[Any], rpc: str) -> list[tuple[str, bytes]]:
    """``(name, content)`` of each resource: a path (named by its last part), a folder (its ``.bpmn``,
    ``.dmn`` and ``.form`` files, those of folders inside as well), a pattern
    (``models/**/*.bpmn``), a pair, or a file opened in binary mode.

    Raises InvalidRequest, naming the resource: nothing to deploy, a file that is not there
    or cannot be read, a folder or a pattern without any, a text file, or one name used twice
    (the REST gateway would keep only the last).
    """
    read: list[tuple[str, bytes]] = []
    names: set[str] = set()
    for index, resource in enumerate(resources):
        place = f"resources[{index}]"
        try:
            for each in _expanded(resource, place):
                name, content = _named(each, place)
                _check(name, content, place)
                if name in names:
                    raise InvalidRequest(
                        f"{place}: the name {shown(name)} is used twice; give a (name, content) pair with another one"
                    )
                names.add(name)
                read.append((name, bytes(content)))
        except InvalidRequest as error:
            error.operation = rpc
            raise
    if not read:
        raise InvalidRequest("nothing to deploy: give at least one resource", operation=rpc)
    return read


def _expanded(resource: Any, place: str) -> list[Any]:
    """The files of a folder or pattern, in the order of their paths; anything else is itself."""
    if not isinstance(resource, (str, os.PathLike)):
        return [resource]
    path = os.fspath(resource)
    if not isinstance(path, str) or "\0" in path or not is_sendable(path):
        return [resource]
    if os.path.isdir(path):
        from pathlib import Path  # few deploy folders

        found = sorted(
            str(each) for each in Path(path).rglob("*") if each.suffix in SUFFIXES and each.is_file()
        )
        if not found:
            raise InvalidRequest(f"{place}: the folder {shown(path)} has no {', '.join(SUFFIXES)} files")
        return found
    import glob  # few deploy patterns

    if glob.has_magic(path) and not os.path.exists(path):
        found = sorted(each for each in glob.glob(path, recursive=True) if os.path.isfile(each))
        if not found:
            raise InvalidRequest(f"{place}: no file matches {shown(path)}")
        return found
    return [resource]


def _named(resource: Any, place: str) -> tuple[Any, Any]:
    if isinstance(resource, (str, os.PathLike)):
        path = os.fspath(resource)
        try:
            with open(path, "rb") as file:
                return os.path.basename(path), file.read()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no path"
            raise InvalidRequest(f"{place}: {shown(path)} cannot be read: {reason}") from None
    if isinstance(resource, tuple) and len(resource) == 2:
        return resource
    if hasattr(resource, "read"):
        name = getattr(resource, "name", None)
        if not isinstance(name, (str, os.PathLike)):
            raise InvalidRequest(f"{place}: the file has no name; give a (name, content) pair")
        return os.path.basename(os.fspath(name)), resource.read()
    if isinstance(resource, (list, tuple)):
        raise InvalidRequest(f"{place}: give the resources one by one, deploy_resource(*resources)")
    raise InvalidRequest(
        f"{place} must be a path, a (name, content) pair or an open file, not {type(resource).__name__}"
    )


def _check(name: Any, content: Any, place: str) -> None:
    if not isinstance(name, str) or not name.strip() or not (name.isprintable() and is_sendable(name)):
        raise InvalidRequest(
            f"{place}: the name must be text that is not blank, on one line, not {shown(name)}"
        )
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise InvalidRequest(
            f"{place} ({shown(name)}): the content must be bytes, not {type(content).__name__}; "
            "open the file in binary mode, or encode the text"
        )
