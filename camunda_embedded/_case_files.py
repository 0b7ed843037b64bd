"""Which files have test cases; told without loading what runs them."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["is_case_file"]

#: What every address of the schema has in it.
_SCHEMA = "cpt-test-cases"
_LARGEST = 16 * 1024 * 1024  # bytes; a file beyond it is something else


def is_case_file(path: Path) -> bool:
    """Whether a file has test cases: one that names the schema, or ``….test.json`` with a field ``testCases``."""
    try:
        if path.suffix != ".json" or path.stat().st_size > _LARGEST:
            return False
        found = path.read_bytes()
    except OSError:
        return False
    named = path.name.endswith(".test.json") and b'"testCases"' in found
    return named or (_SCHEMA.encode() in found and b'"$schema"' in found and _names_schema(found))


def _names_schema(found: bytes) -> bool:
    try:
        read = json.loads(found)
    except (ValueError, RecursionError):
        return True  # so that somebody hears that it is no JSON
    return isinstance(read, dict) and _SCHEMA in str(read.get("$schema", ""))
