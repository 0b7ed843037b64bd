"""The exit codes: one table, and what an error means in it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from camunda_core import errors

__all__ = ["MEANINGS", "Exit", "exit_of"]


class Exit(IntEnum):
    """What a command line ends with."""

    DONE = 0
    FOUND = 1
    USAGE = 2
    NOT_THERE = 3
    REFUSED = 4
    NOT_ALLOWED = 5
    UNREACHABLE = 6
    NOT_SERVED = 7
    FAILED = 8
    FAULT = 9
    INTERRUPTED = 130
    TERMINATED = 143


#: In the words of the help.
MEANINGS: Mapping[Exit, str] = {
    Exit.DONE: "done",
    Exit.FOUND: "it ran, and found something wrong: doctor, verify, scan, a deployment in part",
    Exit.USAGE: "the command line, a file or a setting is wrong; nothing was sent",
    Exit.NOT_THERE: "what was asked for is not there",
    Exit.REFUSED: "the cluster refuses it: a wrong argument, a wrong state, there already",
    Exit.NOT_ALLOWED: "not signed in, or not allowed",
    Exit.UNREACHABLE: "the cluster cannot be reached, is too busy, or did not answer in time",
    Exit.NOT_SERVED: "this cluster, or this wire, does not have it",
    Exit.FAILED: "the cluster failed, or the call was cancelled",
    Exit.FAULT: "a fault of this program: please report it",
    Exit.INTERRUPTED: "interrupted (Ctrl-C)",
    Exit.TERMINATED: "ended by SIGTERM; proxy, embedded and workers, which end in order, say 0",
}

#: The first class that fits says the code.
_CODES: tuple[tuple[type[Exception], Exit], ...] = (
    (errors.InvalidRequest, Exit.USAGE),
    (errors.ConfigurationError, Exit.USAGE),
    (errors.NotFound, Exit.NOT_THERE),
    (errors.InvalidArgument, Exit.REFUSED),
    (errors.AlreadyExists, Exit.REFUSED),
    (errors.FailedPrecondition, Exit.REFUSED),
    (errors.Unauthenticated, Exit.NOT_ALLOWED),
    (errors.PermissionDenied, Exit.NOT_ALLOWED),
    (errors.Unimplemented, Exit.NOT_SERVED),
    (errors.Unavailable, Exit.UNREACHABLE),
    (errors.DeadlineExceeded, Exit.UNREACHABLE),
    (errors.ResourceExhausted, Exit.UNREACHABLE),
    (errors.Aborted, Exit.UNREACHABLE),
    (errors.CamundaError, Exit.FAILED),
)


def exit_of(error: Exception) -> Exit | None:
    """The code of an error of ours; None for any other."""
    return next((code for cls, code in _CODES if isinstance(error, cls)), None)
