"""Whose frames a traceback shows: a handler's, and not those of the worker that called it."""

from __future__ import annotations

import os
from types import TracebackType

__all__ = ["handlers_traceback"]

#: Where the files of this package are, in whatever room.
_OURS = os.path.join(os.path.dirname(__file__), "")


def handlers_traceback(error: BaseException) -> TracebackType | None:
    """An exception's traceback from where the handler begins, without what is above it; of one that is all ours the last frame."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next and trace.tb_frame.f_code.co_filename.startswith(_OURS):
        trace = trace.tb_next
    return trace
