"""The version of the distribution, which is built from this file, and what requests say of who sends them."""

from __future__ import annotations

__all__ = ["USER_AGENT", "VERSION"]

# Written here and not asked of the installed distribution: that takes 10 to 20 ms and loads forty modules.
VERSION = "0.1.0"
USER_AGENT = f"camunda-bridge/{VERSION}"
