"""The activation of elements in an ad-hoc sub-process, which only REST has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._service import Service

__all__ = ["PLACE", "activate"]

#: Method, path, and what it takes.
PLACE = ("POST", "/element-instances/ad-hoc-activities/{adHocSubProcessInstanceKey}/activation", "json")


async def activate(service: Service, key: int, body: Mapping[str, Any]) -> None:
    """The operation activateAdHocSubProcessActivities; Problem when its body is refused."""
    for name, kind in (("elements", list), ("cancelRemainingInstances", bool)):
        if name in body and not isinstance(body[name], (kind, type(None))):
            _refuse(name)
    unknown = sorted(body.keys() - {"elements", "cancelRemainingInstances"})
    if unknown:
        _refuse(unknown[0])
    elements = body.get("elements") or []
    if not elements:
        raise Problem(400, "INVALID_ARGUMENT", "No elements provided.")
    cancel = body.get("cancelRemainingInstances") is True
    service.activate_ad_hoc(key, [_element(each) for each in elements], cancel_rest=cancel)
    await service.settled()


def _element(given: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(given, Mapping):
        _refuse("elements")
    unknown = sorted(given.keys() - {"elementId", "variables"})
    variables = given.get("variables")
    if unknown or not isinstance(variables, (Mapping, type(None))):
        _refuse(f"elements.{unknown[0] if unknown else 'variables'}")
    id_ = given.get("elementId")
    if not isinstance(id_, str) or not id_.strip():
        raise Problem(400, "INVALID_ARGUMENT", "No elementId provided.")
    return id_, dict(variables or {})


def _refuse(name: str) -> None:
    raise Problem(400, "Bad Request", f"Request property [{name}] cannot be parsed")
