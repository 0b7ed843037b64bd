"""Inclusive gateways: every outgoing flow whose condition holds is taken."""

from __future__ import annotations

from camunda_embedded._bpmn.model import Flow
from camunda_embedded._engine.behaviors import ParallelGatewayBehavior
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.state import Instance

__all__ = ["InclusiveGatewayBehavior"]


class InclusiveGatewayBehavior(ParallelGatewayBehavior):
    """Takes each flow whose condition holds, the default one when none does. How it joins is in ``joins``."""

    def choose(self, instance: Instance) -> list[Flow]:
        element = instance.element
        conditional = [f for f in element.outgoing if f is not element.default and f.condition is not None]
        if len(element.outgoing) < 2 and not conditional:
            return element.outgoing  # one without a condition, or none
        found = [
            flow
            for flow in conditional
            if flow.condition is not None and self.variables.typed(instance, flow.condition, "BOOLEAN")
        ]
        if found:
            return found
        if element.default is not None:
            return [element.default]
        raise Failure(
            "CONDITION_ERROR",
            "Expected at least one condition to evaluate to true, or to have a default flow",
        )
