"""The kinds of arguments that commands and instructions share: hints, with what is checked of them."""

from __future__ import annotations

import os
from typing import Annotated, BinaryIO

from camunda_core.deadline import Duration
from camunda_core.retry import RetryPolicy
from camunda_rest._commands.arguments import (
    Key,
    Variables,
    in_32_bits,
    not_blank,
    not_empty,
    only_if_set,
    positive_64_bits,
)

__all__ = [
    "Content",
    "Flag",
    "Key",
    "Limits",
    "Number",
    "OperationReference",
    "OptionalText",
    "Resource",
    "Text",
    "Variables",
]

Number = Annotated[int, in_32_bits]
Text = Annotated[str, not_blank]
Content = Annotated[Variables, not_empty]
OptionalText = Annotated[str, only_if_set]
Flag = Annotated[bool, only_if_set]
#: A number of the caller's own, 1 to 2^63 - 1, that the engine's records of the command carry.
OperationReference = Annotated[int, positive_64_bits]

#: Something to deploy: a path, a (name, content) pair, or a file that was opened in binary mode.
Resource = str | os.PathLike[str] | tuple[str, bytes] | BinaryIO

#: The time limit of one call, through all its attempts, and how it is repeated; None is the client's.
Limits = tuple[Duration | None, RetryPolicy | None]
