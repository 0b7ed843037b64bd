"""Reads the answers of a file with the official SDK; run by the interpreter of an environment that has it.

Prints a list of ``[change, "read" | "absent" | the error's class]``.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
import sys
from http import HTTPStatus
from typing import Any

os.environ.setdefault("CAMUNDA_SDK_LOG_LEVEL", "silent")

import camunda_orchestration_sdk.api as api
import httpx
from camunda_orchestration_sdk.client import Client

CLIENT = Client(base_url="http://127.0.0.1:9")
STATUSES = (200, 201, 202, 207)


def operations() -> dict[str, str]:
    """The module of each operation, by its name."""
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(api.__path__, api.__name__ + "."):
        if not module.ispkg:
            found[module.name.rpartition(".")[2]] = module.name
    return found


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def status_of(source: str) -> int:
    """The first success that the operation knows."""
    known = [int(status) for status in re.findall(r"status_code == (\d+)", source)]
    return next((status for status in STATUSES if status in known), 200)


def main() -> None:
    modules, outcomes = operations(), []
    loaded: dict[str, tuple[Any, int]] = {}
    with open(sys.argv[1], encoding="utf-8") as file:
        listed = json.load(file)
    for name, change, answer in listed:
        place = modules.get(snake(name))
        if place is None:
            outcomes.append([change, "absent"])
            continue
        if name not in loaded:
            module = importlib.import_module(place)
            with open(str(module.__file__), encoding="utf-8") as source:
                loaded[name] = module, status_of(source.read())
        module, status = loaded[name]
        try:
            module._parse_response(client=CLIENT, response=httpx.Response(HTTPStatus(status), json=answer))
        except Exception as error:
            outcomes.append([change, type(error).__name__])
        else:
            outcomes.append([change, "read"])
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main()
