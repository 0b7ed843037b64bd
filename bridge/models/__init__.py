"""The classes of the client: what it takes (``bridge.models._instructions``) and what it gives
(``bridge.models._results``).
"""

from __future__ import annotations

from bridge.models import _instructions, _results
from bridge.models._instructions import *  # noqa: F403
from bridge.models._results import *  # noqa: F403

__all__ = _instructions.__all__ + _results.__all__
