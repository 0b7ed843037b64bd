"""Multi-instance activities: the body that starts the runs, gathers their results and completes after the last."""

from __future__ import annotations

from camunda_embedded import _feel as feel
from camunda_embedded._engine.behaviors import Behavior
from camunda_embedded._engine.command import Command
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
        self.events.subscribe(instance)
        self.tree.activated(instance)
        if loop.output_collection is not None:
            self.variables.set_local(instance, loop.output_collection, [None] * len(instance.items))
        if not instance.items:
            self.tree.send_complete(instance)
        elif loop.sequential:
            self.start_next(instance)
        else:
            self.start_all(instance)

    def read(self, body: Instance) -> None:
        """The items to run for; Failure when the expression gives no list."""
        loop = body.element.loop
        assert loop is not None
        items = self.variables.typed(body, loop.input_collection, "ARRAY")
        body.items = [feel.to_json(item) for item in items]

    def start_next(self, body: Instance) -> None:
        body.started += 1
        assert body.element.inner is not None
        self.tree.send_activate(body.element.inner, body, index=body.started)

    def start_all(self, body: Instance) -> None:
        body.active_flows += 1  # the batch to come keeps the body from completing
        self.tree.send_activate_runs(body)

    def batch(self, command: Command[Instance]) -> None:
        """The command PROCESS_INSTANCE_BATCH ACTIVATE."""
        body = command.subject
        body.active_flows -= 1
        self.means.kernel.spread(body.items, lambda _: self.start_next(body))

    def complete(self, instance: Instance) -> None:
        self.events.unsubscribe(instance)
        loop = instance.element.loop
        name = loop.output_collection if loop is not None else None
        if name is not None and instance.scope is not None:
            self.variables.propagate(instance.scope, {name: instance.variables[name].value})

    def run_completes(self, run: Instance, body: Instance) -> None:
        """Gathers the result of a run, and asks whether the body is done; Failure becomes an incident of the run."""
        loop = body.element.loop
        assert loop is not None
        if loop.output_collection is not None and loop.output_element is not None:
            value, _ = self.variables.evaluate(loop.output_element, Scope(run))
            results = body.variables[loop.output_collection].value
            if not isinstance(results, list) or len(results) < run.index:
                raise Failure(
                    "EXTRACT_VALUE_ERROR", _no_collection(loop.output_collection, results), body.key
                )
            changed = [*results[: run.index - 1], feel.to_json(value), *results[run.index :]]
            self.variables.set_local(body, loop.output_collection, changed)
        if loop.condition is not None:
            counts = {
                "numberOfInstances": len(body.items),
                "numberOfActiveInstances": len(body.children) - 1,
                "numberOfCompletedInstances": body.completed + 1,
                "numberOfTerminatedInstances": body.terminated,
            }
            scope = Scope(run, counts)
            body.ending = bool(self.variables.typed(run, loop.condition, "BOOLEAN", context=scope))
        if loop.sequential and not body.ending:
            self.read(body)  # it may have changed meanwhile

    def run_completed(self, body: Instance) -> None:
        """Starts the next run, or completes the body after the last."""
        loop = body.element.loop
        assert loop is not None
        body.completed += 1
        if body.ending:
            self.tree.end(body)
        elif loop.sequential and body.started < len(body.items):
            self.start_next(body)
        else:
            self.tree.path_ended(body)


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
