"""``python -m bridge``: the command line, ``camunda-bridge``."""

from __future__ import annotations

import sys
from importlib import import_module

if __name__ == "__main__":
    # By name, since the library below does not know the command line above it.
    sys.exit(import_module("camunda_cli").main())
