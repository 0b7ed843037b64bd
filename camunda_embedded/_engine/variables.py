"""Variables in scopes, expressions over them, and the mappings in and out of elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn.model import Expression, IoMapping
from camunda_embedded._documents import dumps
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.state import TENANT, Instance, Variable
from camunda_embedded._feel.values import type_name

__all__ = ["Scope", "Variables", "warnings"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Scope(Mapping[str, Any]):
    """The variables that an expression sees, turned into FEEL values when they are asked for."""

    def __init__(self, instance: Instance | None, extra: Mapping[str, Any] | None = None) -> None:
        self._instance = instance
        self.extra = dict(extra or {})

    def __getitem__(self, name: str) -> Any:
        if name in self.extra:
            return self.extra[name]
        found = self._instance.lookup(name) if self._instance is not None else None
        if found is None:
            raise KeyError(name)
        return feel.from_json(found.value)

    def __contains__(self, name: object) -> bool:
        if name in self.extra:
            return True
        return (
            self._instance is not None and isinstance(name, str) and self._instance.lookup(name) is not None
        )

    def __iter__(self) -> Iterator[str]:
        seen = dict.fromkeys(self.extra)
        if self._instance is not None:
            seen.update(dict.fromkeys(self._instance.visible()))
        return iter(seen)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Variables:
    """Reads and writes variables, evaluates expressions."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        #: Called with the scope, the name and CREATED or UPDATED when a variable has changed; None where nobody asks.
        self.on_changed: Callable[[Instance, str, str], None] | None = None
        self.handlers: Handlers = {"VARIABLE_DOCUMENT UPDATE": self._update}

    # --- writing ---

    def set_local(self, scope: Instance, name: str, value: Any) -> bool:
        """Creates or updates a variable in exactly that scope; nothing happens (False) when it has that value."""
        known = scope.variables.get(name)
        if known is None:
            scope.variables[name] = variable = Variable(self._kernel.next_key(), value)
            self._changed("CREATED", variable.key, scope, name, value)
            return True
        if known.value != value or type(known.value) is not type(value):
            known.value = value
            self._changed("UPDATED", known.key, scope, name, value)
            return True
        return False

    def _changed(self, intent: str, key: int, scope: Instance, name: str, value: Any) -> None:
        record = self.value(scope, name, value)
        self._kernel.event("VARIABLE", intent, key, record)
        self._kernel.log.weigh(len(record["value"]))
        if self.on_changed is not None:
            self.on_changed(scope, name, intent)

    def set_all_local(self, scope: Instance, document: Mapping[str, Any]) -> None:
        """``set_local`` for each variable of a document."""
        for name, value in document.items():
            self.set_local(scope, name, value)

    def propagate(self, start: Instance, document: Mapping[str, Any]) -> None:
        """Each variable goes to the nearest scope that has it, from ``start`` outwards, else to the process instance."""
        left = dict(document)
        for scope in start.scopes():
            for name in [name for name in left if name in scope.variables or scope.scope is None]:
                # As in the real engine, a scope where nothing changes does not keep a variable from going on outwards.
                if self.set_local(scope, name, left[name]):
                    del left[name]

    def value(self, scope: Instance, name: str, value: Any) -> dict[str, Any]:
        """The record value of a variable."""
        return {
            "name": name,
            "value": dumps(value),
            "scopeKey": scope.key,
            "processInstanceKey": scope.root.key,
            "processDefinitionKey": scope.definition.key,
            "bpmnProcessId": scope.definition.id,
            "tenantId": TENANT,
        }

    def update(self, key: int, document: dict[str, Any], local: bool) -> int:
        """The command VARIABLE_DOCUMENT UPDATE; returns the key of the document."""
        value = {
            "scopeKey": key,
            "updateSemantics": "LOCAL" if local else "PROPAGATE",
            "variables": document,
            "tenantId": TENANT,
        }
        found: int = self._kernel.execute("VARIABLE_DOCUMENT", "UPDATE", -1, value)
        return found

    def _update(self, command: Command[None]) -> int:
        key, value = command.value["scopeKey"], command.value
        scope = self._kernel.instances.get(key)
        if scope is None or scope.state.startswith("TERMINAT"):
            raise reject("variables.missing", key=key)
        change = self.set_all_local if value["updateSemantics"] == "LOCAL" else self.propagate
        change(scope, value["variables"])
        document_key = self._kernel.next_key()
        self._kernel.event("VARIABLE_DOCUMENT", "UPDATED", document_key, value)
        return document_key

    # --- reading ---

    def now(self) -> datetime:
        """The engine's time for expressions."""
        return _EPOCH + timedelta(milliseconds=self._kernel.now())

    def evaluate(self, expression: Expression, context: Mapping[str, Any]) -> tuple[Any, list[str]]:
        """The FEEL value of an expression and what went wrong on the way.

        Raises:
            Failure: EXTRACT_VALUE_ERROR, when an assertion does not hold or a bound is passed.
        """
        try:
            return self._evaluate(expression, context)
        except feel.FeelEvaluationError as error:
            raise Failure("EXTRACT_VALUE_ERROR", _failed(error)) from None

    def _evaluate(self, expression: Expression, context: Mapping[str, Any]) -> tuple[Any, list[str]]:
        if expression.compiled is None:
            return expression.text, []
        return expression.compiled.evaluate_with_failures(context, now=self.now)

    def typed(
        self,
        instance: Instance | None,
        expression: Expression,
        *kinds: str,
        context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of an expression that must be of one of the ``kinds``.

        Raises:
            Failure: EXTRACT_VALUE_ERROR, for any other kind.
        """
        value, failures = self.evaluate(expression, context if context is not None else Scope(instance))
        if type_name(value) not in kinds:
            wanted = f"'{kinds[0]}'" if len(kinds) == 1 else f"one of '[{', '.join(kinds)}]'"
            text = f"Expected result of the expression '{expression.text}' to be {wanted}, but was '{type_name(value)}'."
            raise Failure("EXTRACT_VALUE_ERROR", text + warnings(failures))
        return value

    # --- mappings ---

    def map_inputs(self, instance: Instance) -> None:
        """Fills the local variables of an element from its input mappings; Failure when one cannot be evaluated."""
        found = self._mapped(instance, instance.element.inputs, merge=False)
        self.set_all_local(instance, found)

    def map_outputs(self, instance: Instance) -> None:
        """Hands the results of an element outwards by its output mappings; Failure when one cannot be evaluated."""
        found = self._mapped(instance, instance.element.outputs, merge=True)
        self.propagate(instance if instance.loop_child else instance.scope or instance, found)

    def _mapped(self, instance: Instance, mappings: list[IoMapping], *, merge: bool) -> dict[str, Any]:
        context = Scope(instance)
        results: dict[str, Any] = {}
        for mapping in mappings:
            try:
                value, _ = self._evaluate(mapping.source, context)
            except feel.FeelEvaluationError as error:
                text = _failed(error).replace(f"'{mapping.source.text}'", f"'{_mapping_text(mappings)}'", 1)
                raise Failure("IO_MAPPING_ERROR", text) from None
            name, *path = mapping.target
            if path:
                base = results.get(name, _NOTHING)
                if base is _NOTHING:
                    base = (context.get(name) if merge else None) or {}
                value = _put(base, path, value)
            results[name] = context.extra[name] = value
        return {name: feel.to_json(value) for name, value in results.items()}


_NOTHING = object()


def _put(base: Any, path: list[str], value: Any) -> Any:
    if not isinstance(base, dict):
        return None
    name, *rest = path
    inner = base.get(name)
    return {**base, name: _put({} if inner is None else inner, rest, value) if rest else value}


def _mapping_text(mappings: list[IoMapping]) -> str:
    parts = []
    for mapping in mappings:
        source = mapping.source
        text = source.text if not source.static else dumps(source.text)
        parts.append(f"{'.'.join(mapping.target)}:{text}")
    return "{" + ",".join(parts) + "}"


def _failed(error: feel.FeelEvaluationError) -> str:
    return f"{error}{warnings(error.failures)}"


def warnings(failures: list[str]) -> str:
    """The tail of an incident message: what the evaluation complained of."""
    return " The evaluation reported the following warnings:\n" + "\n".join(failures) if failures else ""
