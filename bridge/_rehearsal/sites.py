"""Where in the program a call is made: the innermost frame that is not of a library on the way."""

from __future__ import annotations

import os
import sys
import sysconfig
from contextvars import ContextVar
from types import CodeType, FrameType

__all__ = ["WORKER", "call_site", "known_site"]

#: A call that a worker of ours makes by itself.
WORKER = "(worker)"
_UNKNOWN = "(unknown)"

#: The site of a call that goes on in a task of its own: it is known where the call is made.
known_site: ContextVar[str] = ContextVar("camunda_rehearsal_site", default="")

_OURS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_STDLIB = sysconfig.get_path("stdlib")
_PACKAGES = ("bridge", "camunda_core", "camunda_grpc", "camunda_rest")
_LIBRARIES = ("grpc", "google", "pyzeebe", "zeebe_grpc", "tenacity", "anyio")
_STUB = ("_pb2_grpc.py",)

# By the identity of the code: to hash it is to hash all that is in it. The code is kept, so that its identity is.
_PASSED: dict[int, bool] = {}
_NAMED: dict[tuple[int, int], str] = {}
_KEPT: dict[int, CodeType] = {}
_MOST_KEPT = 10_000


def call_site() -> str:
    """``path:line in function`` of the caller, ``(worker)`` inside of a worker, ``(unknown)`` where only
    libraries are on the stack.
    """
    given = known_site.get()
    if given:
        return given
    frame: FrameType | None = sys._getframe(1)
    passed = _PASSED
    while frame is not None:
        code = frame.f_code
        skip = passed.get(id(code))
        if skip is None:
            skip = _is_passed(code.co_filename)
            if _keep(code):
                passed[id(code)] = skip
        if not skip:
            return _named(code, frame.f_lineno)
        frame = frame.f_back
    return _UNKNOWN


def _is_passed(filename: str) -> bool:
    if filename.startswith("<") or filename.endswith(_STUB):
        return True
    path = os.path.abspath(filename)
    parts = path.split(os.sep)
    if "site-packages" in parts or "dist-packages" in parts:
        where = max(i for i, part in enumerate(parts) if part in ("site-packages", "dist-packages"))
        package = parts[where + 1].removesuffix(".py")
        return package in (*_LIBRARIES, *_PACKAGES)
    if path.startswith(_STDLIB + os.sep):
        return True
    return any(path.startswith(os.path.join(_OURS, package) + os.sep) for package in _PACKAGES)


def _keep(code: CodeType) -> bool:
    """Keeps the code for good; False where there is too much of it, as where a program makes code all the time."""
    if len(_KEPT) >= _MOST_KEPT:
        return id(code) in _KEPT
    _KEPT[id(code)] = code
    return True


def _named(code: CodeType, line: int) -> str:
    name = _NAMED.get((id(code), line))
    if name is None:
        name = _name(code, line)
        if _keep(code):
            _NAMED[id(code), line] = name
    return name


def _name(code: CodeType, line: int) -> str:
    path = os.path.abspath(code.co_filename)
    if f"{os.sep}camunda_worker{os.sep}" in path:
        return WORKER
    here = os.getcwd() + os.sep
    path = path[len(here) :] if path.startswith(here) else os.sep.join(path.split(os.sep)[-3:])
    function = getattr(code, "co_qualname", code.co_name)
    return f"{path.replace(os.sep, '/')}:{line} in {function.replace('<locals>.', '')}"
