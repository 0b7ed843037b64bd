"""``python -m camunda_cli``: the command line."""

from __future__ import annotations

import sys

from camunda_cli import main

if __name__ == "__main__":
    sys.exit(main())
