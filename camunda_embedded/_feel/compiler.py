"""A syntax tree to closures: each takes the scope and returns the value."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from camunda_embedded._feel import access, functions, operators
from camunda_embedded._feel import nodes as n
from camunda_embedded._feel.budget import tick
from camunda_embedded._feel.runtime import MISSING, Closure, Fatal, Run, Scope
from camunda_embedded._feel.values import Function, InvalidRange, Range, comparable, contains, equal, kind_of
from camunda_embedded._limits import MAX_ITERATIONS


class Compiler:
    """Compiles one tree. `context_keys` are the names under which the text defines context entries."""

    def __init__(self, context_keys: set[str]) -> None:
        self.context_keys = context_keys
        self.names: set[str] = set()
        self.locals: list[frozenset[str]] = []
        self.uses_input = False

    def compile(self, node: n.Node) -> Closure:
        """The closure of a node."""
        method: Callable[[Any], Closure] = getattr(self, "_" + type(node).__name__.lower())
        return method(node)

    def within(self, names: Iterable[str], node: n.Node) -> Closure:
        """The closure of a node that stands where some names are bound."""
        self.locals.append(frozenset(names))
        closure = self.compile(node)
        self.locals.pop()
        return closure

    # --- values ---

    def _literal(self, node: n.Literal) -> Closure:
        value = node.value
        return lambda scope: value

    def _name(self, node: n.Name) -> Closure:
        name = node.name
        if name == "?":
            self.uses_input = True
            return _input
        if not any(name in names for names in self.locals):
            self.names.add(name)
        if not self.locals:
            return lambda scope: scope.run.variable(name)

        def look_up(scope: Scope) -> Any:
            value = scope.find(name)
            return scope.run.variable(name) if value is MISSING else value

        return look_up

    def _path(self, node: n.Path) -> Closure:
        base, keys = node
        first = self.compile(base)
        if not isinstance(base, n.Name) or base.name == "?":
            return lambda scope: access.follow_path(scope.run, first(scope), keys)
        name = base.name

        def follow(scope: Scope) -> Any:
            run = scope.run
            value = scope.find(name)
            if value is MISSING:
                if name not in run.variables:
                    return run.variable(name)
                if name not in run.cache:
                    return access.follow_raw(run, name, keys)
                value = run.cache[name]
            return access.follow_path(run, value, keys)

        return follow

    def _filter(self, node: n.Filter) -> Closure:
        base = self.compile(node.base)
        condition = self.within(("item",), node.condition)
        literal = node.condition.value if isinstance(node.condition, n.Literal) else None

        def select(scope: Scope) -> Any:
            run = scope.run
            items = base(scope)
            if not isinstance(items, list):
                return run.expected("list", items)
            if type(literal) is Decimal:
                return access.element(items, literal)
            run.count(len(items))
            selected = []
            for item in items:
                tick()
                names = {"item": item}
                if isinstance(item, dict):
                    names.update(item)
                matched = condition(Scope(names, scope, run))
                if type(matched) is Decimal:
                    return access.element(items, matched)
                if matched is True:
                    selected.append(item)
            return selected

        return select

    def _listof(self, node: n.ListOf) -> Closure:
        items = [self.compile(item) for item in node.items]
        return lambda scope: [item(scope) for item in items]

    def _contextof(self, node: n.ContextOf) -> Closure:
        entries: list[tuple[str, Closure, bool]] = []
        seen: set[str] = set()
        for key, value in node.entries:
            entries.append((key, self.within(seen, value), isinstance(value, n.FunctionOf)))
            seen.add(key)

        def build(scope: Scope) -> dict[str, Any]:
            context: dict[str, Any] = {}
            inner = Scope(context, scope, scope.run)
            for key, value, is_function in entries:
                # A function sees the entries before it, so not itself: there is no recursion.
                context[key] = value(Scope(dict(context), scope, scope.run) if is_function else inner)
            return context

        return build

    def _rangeof(self, node: n.RangeOf) -> Closure:
        start, end = self.compile(node.start), self.compile(node.end)
        including = (node.start_included, node.end_included)

        def build(scope: Scope) -> Any:
            low, high = start(scope), end(scope)
            if comparable(low, high) and not isinstance(low, str):
                return Range(low, high, *including)
            return InvalidRange()

        return build

    def _functionof(self, node: n.FunctionOf) -> Closure:
        parameters = node.parameters
        body = self.within(parameters, node.body)
        return lambda scope: Function(
            parameters,
            lambda *arguments: body(Scope(dict(zip(parameters, arguments, strict=True)), scope, scope.run)),
        )

    # --- operators ---

    def _negation(self, node: n.Negation) -> Closure:
        operand = self.compile(node.operand)
        if isinstance(node.operand, n.Literal) and type(node.operand.value) is Decimal:
            constant = operators.negate(Run({}, None), node.operand.value)
            return lambda scope: constant
        return lambda scope: operators.negate(scope.run, operand(scope))

    def _binary(self, node: n.Binary) -> Closure:
        # A chain like `a + b + c` leans to the left; it is walked, not recursed into, so that it may be long.
        steps: list[tuple[str, n.Node]] = []
        first: n.Node = node
        while isinstance(first, n.Binary):
            steps.append((first.operator, first.right))
            first = first.left
        left = self.compile(first)
        return operators.chain(left, [(operator, self.compile(right)) for operator, right in reversed(steps)])

    def _between(self, node: n.Between) -> Closure:
        value, low, high = self.compile(node.value), self.compile(node.low), self.compile(node.high)
        return operators.interval(value, low, high, operators.at_least, operators.at_most)

    def _instanceof(self, node: n.InstanceOf) -> Closure:
        value = self.compile(node.value)
        if node.type == "Any":
            return lambda scope: value(scope) is not None
        wanted = "" if node.type == "range" else node.type  # the engine does not know this type by name
        return lambda scope: kind_of(value(scope)).removeprefix("local ") == wanted

    # --- tests ---

    def _in(self, node: n.In) -> Closure:
        value = self.compile(node.value)
        outside = self.uses_input
        tests = self._tests(node.tests)
        self.uses_input = outside
        return lambda scope: tests(Scope({"?": value(scope)}, scope, scope.run))

    def _tests(self, tests: n.Tests) -> Closure:
        """The closure of unary tests; the input is `?` in the scope. True, false or null."""
        if not tests.tests:
            return lambda scope: True
        first, *others = [self.test(test) for test in tests.tests]
        matched = operators.chain(first, [("or", other) for other in others])
        if not tests.negated:
            return matched

        def unmatched(scope: Scope) -> Any:
            found = matched(scope)
            return not found if found is True or found is False else None

        return unmatched

    def test(self, node: n.Node) -> Closure:
        """One test: a comparison, a range, or an expression that is true, equal to the
        input, or a list with it.
        """
        if isinstance(node, n.Comparison):
            return self._comparison(node)
        if isinstance(node, n.RangeOf):
            from_start = operators.at_least if node.start_included else operators.greater
            to_end = operators.at_most if node.end_included else operators.less
            return operators.interval(
                _tested, self.compile(node.start), self.compile(node.end), from_start, to_end
            )
        self.uses_input = False
        expression = self.compile(node)
        if self.uses_input:
            return lambda scope: _boolean(expression(scope))

        def test(scope: Scope) -> Any:
            value, found = scope.names["?"], expression(scope)
            if found is True:
                return True
            if isinstance(found, list):
                return equal(found, value) is True or contains(found, value)
            if isinstance(found, (Range, InvalidRange)):
                return False
            return operators.equals(scope.run, value, found)

        return test

    def _comparison(self, node: n.Comparison) -> Closure:
        compare = operators.ORDERINGS[node.operator]
        operand = self.compile(node.operand)

        def test(scope: Scope) -> Any:
            value = scope.find("?")
            return compare(scope.run, None if value is MISSING else value, operand(scope))

        return test

    # --- control ---

    def _if(self, node: n.If) -> Closure:
        condition, positive, negative = map(self.compile, (node.condition, node.positive, node.negative))

        def branch(scope: Scope) -> Any:
            decided = condition(scope)
            if decided is True:
                return positive(scope)
            if decided is not False:
                scope.run.expected("boolean", decided)
            return negative(scope)

        return branch

    def iterators(
        self, iterators: tuple[n.Iterator, ...]
    ) -> Callable[[Scope], Iterable[dict[str, Any]] | None]:
        """The bindings of one round after the other; None when a source is no list."""
        names = [iterator.name for iterator in reversed(iterators)]
        sources = [self.source(iterator) for iterator in iterators]

        def rounds(scope: Scope) -> Iterable[dict[str, Any]] | None:
            lists = [source(scope) for source in sources]
            if any(items is None for items in lists):
                return None
            return (dict(zip(names, reversed(items), strict=True)) for items in itertools.product(*lists))

        return rounds

    def source(self, iterator: n.Iterator) -> Closure:
        source = self.compile(iterator.source)
        end = self.compile(iterator.end) if iterator.end is not None else None

        def items(scope: Scope) -> Any:
            run, first = scope.run, source(scope)
            if end is None:
                if isinstance(first, list):
                    return first
                return run.expected("list", first)
            last = end(scope)
            for bound in (first, last):
                if type(bound) is not Decimal:
                    return run.expected("number", bound)
            size = int(abs(last - first)) + 1 if abs(last - first) <= MAX_ITERATIONS else MAX_ITERATIONS + 1
            if size > MAX_ITERATIONS:
                raise Fatal(f"more than {MAX_ITERATIONS} items were visited")
            tick()
            step = 1 if first <= last else -1
            return [first + step * offset for offset in range(size)]

        return items

    def _for(self, node: n.For) -> Closure:
        rounds = self.iterators(node.iterators)
        names = [iterator.name for iterator in node.iterators]
        before, self.names = self.names, set()
        body = self.within(names, node.body)
        uses_partial = "partial" in self.names
        self.names = before | (self.names - {"partial"})

        def repeat(scope: Scope) -> Any:
            run = scope.run
            bindings = rounds(scope)
            if bindings is None:
                return None
            results: list[Any] = []
            for bound in bindings:
                run.count(1)
                if uses_partial:
                    run.count(len(results))
                    bound.setdefault("partial", list(results))
                results.append(body(Scope(bound, scope, run)))
            return results

        return repeat

    def _quantified(self, node: n.Quantified) -> Closure:
        rounds = self.iterators(node.iterators)
        condition = self.within((iterator.name for iterator in node.iterators), node.condition)
        every = node.every

        def quantify(scope: Scope) -> Any:
            run = scope.run
            bindings = rounds(scope)
            if bindings is None:
                return None
            result: bool | None = every
            for names in bindings:
                run.count(1)
                found = condition(Scope(names, scope, run))
                if found is (not every):
                    return found
                if found is not every:
                    run.expected("boolean", found)
                    result = None
            return result

        return quantify

    # --- calls ---

    def _call(self, node: n.Call) -> Closure:
        arguments = [self.compile(argument) for argument in node.arguments]
        name, names = node.name, node.names
        if node.base is not None:
            base = self.compile(node.base)
            return lambda scope: access.call_entry(
                base(scope), name, names, [value(scope) for value in arguments], scope
            )

        def missing(run: Run, values: list[Any]) -> None:
            access.no_function(run, name, names, values)

        builtin = functions.bind(name, len(arguments), names) or missing
        if name not in self.context_keys:
            return lambda scope: builtin(scope.run, [value(scope) for value in arguments])

        def call(scope: Scope) -> Any:
            values = [value(scope) for value in arguments]
            own = scope.find(name)
            if own is MISSING and name in scope.run.variables:
                own = scope.run.variables[name]  # a decision's result, or a business knowledge model
            ordered = access.in_order(own, names, values)
            return builtin(scope.run, values) if ordered is None else own.call(*ordered)

        return call


# --- what the closures call
# ---------------------------------------------------------------------------------------


def _input(scope: Scope) -> Any:
    value = scope.find("?")
    if value is MISSING:
        raise Fatal("No input value available. '?' can only be used inside an unary-test expression.")
    return value


def _boolean(value: Any) -> bool | None:
    return value if value is True or value is False else None


def _tested(scope: Scope) -> Any:
    return scope.names["?"]
