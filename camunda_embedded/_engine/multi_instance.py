"""Multi-instance activities: the body that starts the runs, gathers their results and completes after the last."""

from __future__ import annotations

from camunda_embedded import _feel as feel
from camunda_embedded._engine.behaviors import Behavior
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.variables import Scope

__all__ = ["MultiInstanceBehavior"]


class MultiInstanceBehavior(Behavior):
    """The body of a multi-instance activity: starts the runs, gathers their results, completes after the last."""

    def activate(self, instance: Instance) -> None:
        loop = instance.element.loop
        assert loop is not None
        self.read(instance)
        self.engine.events.subscribe(instance)
        self.lifecycle.activated(instance)
        if loop.output_collection is not None:
            self.engine.variables.set_local(instance, loop.output_collection, [None] * len(instance.items))
        if not instance.items:
            self.lifecycle.send_complete(instance)
        elif loop.sequential:
            self.start_next(instance)
        else:
            self.start_all(instance)

    def read(self, body: Instance) -> None:
        """The items to run for; Failure when the expression gives no list."""
        loop = body.element.loop
        assert loop is not None
        items = self.engine.variables.typed(body, loop.input_collection, "ARRAY")
        body.items = [feel.to_json(item) for item in items]

    def start_next(self, body: Instance) -> None:
        body.started += 1
        assert body.element.inner is not None
        self.lifecycle.send_activate(body.element.inner, body, index=body.started)

    def start_all(self, body: Instance) -> None:
        value = {
            "batchElementInstanceKey": body.key,
            "processInstanceKey": body.root.key,
            "index": len(body.items),
        }
        body.active_flows += 1  # the batch to come keeps the body from completing

        def handle() -> None:
            body.active_flows -= 1
            self.engine.spread(body.items, lambda _: self.start_next(body))

        self.engine.follow("PROCESS_INSTANCE_BATCH", "ACTIVATE", self.engine.next_key(), value, handle)

    def complete(self, instance: Instance) -> None:
        self.engine.events.unsubscribe(instance)
        loop = instance.element.loop
        name = loop.output_collection if loop is not None else None
        if name is not None and instance.scope is not None:
            self.engine.variables.propagate(instance.scope, {name: instance.variables[name].value})

    def run_completes(self, run: Instance, body: Instance) -> None:
        """Gathers the result of a run, and asks whether the body is done; Failure becomes an incident of the run."""
        loop, variables = body.element.loop, self.engine.variables
        assert loop is not None
        if loop.output_collection is not None and loop.output_element is not None:
            value, _ = variables.evaluate(loop.output_element, Scope(run))
            results = body.variables[loop.output_collection].value
            if not isinstance(results, list) or len(results) < run.index:
                raise Failure(
                    "EXTRACT_VALUE_ERROR", _no_collection(loop.output_collection, results), body.key
                )
            changed = [*results[: run.index - 1], feel.to_json(value), *results[run.index :]]
            variables.set_local(body, loop.output_collection, changed)
        if loop.condition is not None:
            counts = {
                "numberOfInstances": len(body.items),
                "numberOfActiveInstances": len(body.children) - 1,
                "numberOfCompletedInstances": body.completed + 1,
                "numberOfTerminatedInstances": body.terminated,
            }
            scope = Scope(run, counts)
            body.ending = bool(variables.typed(run, loop.condition, "BOOLEAN", context=scope))
        if loop.sequential and not body.ending:
            self.read(body)  # it may have changed meanwhile

    def run_completed(self, body: Instance) -> None:
        """Starts the next run, or completes the body after the last."""
        loop = body.element.loop
        assert loop is not None
        body.completed += 1
        if body.ending:
            self.lifecycle.end(body)
        elif loop.sequential and body.started < len(body.items):
            self.start_next(body)
        else:
            self.lifecycle.path_ended(body)


_JSON_KINDS = {
    "bool": "BOOLEAN",
    "int": "INTEGER",
    "float": "FLOAT",
    "str": "STRING",
    "dict": "MAP",
    "NoneType": "NIL",
}


def _no_collection(name: str, value: object) -> str:
    kind = _JSON_KINDS.get(type(value).__name__)
    reason = f"the type of the output collection is: {kind}" if kind else "the index is out of its bounds"
    return (
        f"Unable to update an item in output collection '{name}' because {reason}. "
        "This may happen when multiple BPMN elements write to the same variable."
    )
