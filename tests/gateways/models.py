"""The processes, decisions and forms of the suites, made unique for each test.

The files in ``tests/data/models`` carry placeholders (``$process``, ``$job``) in place of ids and job types,
so that tests which share a gateway never meet: ``model("empty", process=unique("empty"))``.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from string import Template

MODELS = Path(__file__).resolve().parent.parent / "data" / "models"


def model(name: str, **substitutions: str) -> bytes:
    """The resource of that name with every placeholder filled.

    Args:
        name: file name, with or without its extension.
        substitutions: a value for each placeholder, no more and no less.

    Raises:
        LookupError: there is no such resource.
        TypeError: a placeholder has no value, or a value no placeholder.
    """
    template = Template(_path(name).read_text(encoding="utf-8"))
    wanted = placeholders(name)
    if wanted != set(substitutions):
        raise TypeError(
            f"model({name!r}) takes {', '.join(sorted(wanted))}; given {', '.join(substitutions) or 'none'}"
        )
    return template.substitute(substitutions).encode()


def filename(name: str) -> str:
    """The file name of that resource, extension included: what a deployment calls it."""
    return _path(name).name


def placeholders(name: str) -> set[str]:
    """The names that ``model`` wants values for."""
    matches = Template.pattern.finditer(_path(name).read_text(encoding="utf-8"))
    return {match["named"] or match["braced"] for match in matches} - {None}


def names() -> list[str]:
    """Every resource there is, by file name."""
    return sorted(path.name for path in MODELS.iterdir())


def unique(prefix: str) -> str:
    """An id that no other test uses; fit for process ids, job types, message and signal names."""
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def _path(name: str) -> Path:
    exact = MODELS / name
    if exact.is_file():
        return exact
    found = sorted(MODELS.glob(f"{name}.*"))
    if len(found) != 1:
        raise LookupError(f"no model {name!r}; there are {', '.join(names())}")
    return found[0]
