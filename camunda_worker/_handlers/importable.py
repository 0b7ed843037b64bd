"""What handlers must be so that another process finds them, and whether this is such a process.

Apart from the processes themselves, so that a worker without any does not load what they need.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any

from camunda_core.errors import ConfigurationError

__all__ = ["PROCESS_NAME", "default_size", "importable", "inside_pool", "reachable"]

#: What the processes of a pool are called.
PROCESS_NAME = "camunda-worker-process"


def default_size() -> int:
    """As many as there are CPUs for this program."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def importable(function: Callable[..., Any]) -> None:
    """Raises ConfigurationError for a function that another process can never find by name.

    Call it when the task is declared.
    """
    plain: Any = function
    while isinstance(plain, functools.partial):
        plain = plain.func
    owner = getattr(plain, "__self__", None)
    if owner is not None and not isinstance(owner, type(sys)):
        plain = owner
    named = plain if hasattr(plain, "__qualname__") else type(plain)
    name = named.__qualname__
    if "<lambda>" in name:
        kind = "a lambda"
    elif "<locals>" in name:
        kind = "defined inside of a function"
    else:
        return
    raise ConfigurationError(
        f"{named.__module__}.{name} is {kind}, so that another process cannot import it: define it with `def` at the top of a "
        'module, or leave out execution="process"'
    )


def reachable(function: Callable[..., Any]) -> None:
    """Raises ConfigurationError when the function's name leads elsewhere.

    Call it once the handler's module is imported.
    """
    import pickle

    importable(function)
    try:
        pickle.dumps(function)
    except Exception as error:
        raise ConfigurationError(
            f"{function!r} cannot be found by another process ({error}): it must be what its name in its module stands for. Is "
            "there another decorator above the task's, or is it bound to an object that cannot be pickled?"
        ) from error


def inside_pool() -> bool:
    """Whether this is a process of a pool.

    A worker that starts here is one whose program lacks ``if __name__ == "__main__":``.
    """
    multiprocessing = sys.modules.get("multiprocessing")
    return multiprocessing is not None and multiprocessing.current_process().name.startswith(PROCESS_NAME)
