"""The resources of a deployment, read and checked before anything is sent."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from camunda_core._arguments import is_sendable, shown
from camunda_core.errors import InvalidRequest

__all__ = ["read_resources"]


def read_resources(resources: Iterable[Any], rpc: str) -> list[tuple[str, bytes]]:
    """``(name, content)`` of each resource: a path (named by its last part), a pair, or a file
    opened in binary mode.

    Raises InvalidRequest, naming the resource: nothing to deploy, a file that is not there
    or cannot be read, a directory, a text file, or one name used twice (the REST gateway
    would keep only the last).
    """
    read: list[tuple[str, bytes]] = []
    names: set[str] = set()
    for index, resource in enumerate(resources):
        place = f"resources[{index}]"
        try:
            name, content = _named(resource, place)
            _check(name, content, place)
            if name in names:
                raise InvalidRequest(
                    f"{place}: the name {shown(name)} is used twice; give a (name, content) pair with another one"
                )
        except InvalidRequest as error:
            error.operation = rpc
            raise
        names.add(name)
        read.append((name, bytes(content)))
    if not read:
        raise InvalidRequest("nothing to deploy: give at least one resource", operation=rpc)
    return read


def _named(resource: Any, place: str) -> tuple[Any, Any]:
    if isinstance(resource, (str, os.PathLike)):
        path = os.fspath(resource)
        try:
            with open(path, "rb") as file:
                return os.path.basename(path), file.read()
        except IsADirectoryError:
            raise InvalidRequest(f"{place}: {shown(path)} is a directory; give the files in it") from None
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
