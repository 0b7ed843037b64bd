"""The classes of the client: what its methods take and what they give. The REST clients have the same."""

from __future__ import annotations

from camunda_rest._commands import instructions, results
from camunda_rest._commands.instructions import *  # noqa: F403
from camunda_rest._commands.results import *  # noqa: F403

__all__ = instructions.__all__ + results.__all__
