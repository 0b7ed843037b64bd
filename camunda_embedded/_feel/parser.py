"""Tokens to a syntax tree: a Pratt parser.

What the grammar leaves open is decided as the reference engine decides it: `-2 ** 2` is 4,
`**` groups from the left, comparisons do not chain, a range is a value only where a whole
expression stands, and what follows a bare expression after `in` belongs to it (`x in [1,2] and
y` is `x in ([1,2] and y)`).
"""

from __future__ import annotations

from decimal import Decimal

from camunda_embedded._feel import functions, temporal
from camunda_embedded._feel import nodes as n
from camunda_embedded._feel.errors import FeelSyntaxError, UnknownFunction
from camunda_embedded._feel.scanner import LITERALS, OPERATOR_WORDS, RESERVED, Cursor, string_value
from camunda_embedded._limits import MAX_EXPRESSION, MAX_EXPRESSION_DEPTH

_COMPARATORS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_TESTS = frozenset(("<", "<=", ">", ">="))
_POWER = {"or": 1, "and": 2, "+": 4, "-": 4, "*": 5, "/": 5, "**": 6}
_COMPARISON, _ADDITIVE = 3, 4
_NO_KEY = frozenset("{}[],")
_TYPES = ("date and time", "days and time duration", "years and months duration")

_PHRASES: dict[str, list[list[str]]] = {}
"""The names of the built-in functions as words, by the first word, the longest names first."""
for _name in sorted(functions.NAMES, key=len, reverse=True):
    _PHRASES.setdefault(_name.split(" ")[0], []).append(_name.split(" "))


def is_bare_range(node: n.Node) -> bool:
    """Whether the node is a range without parentheses around it: such a one ends the
    expression it stands in.
    """
    return isinstance(node, n.RangeOf) and node.bare


class Parser(Cursor):
    """Parses one text; `defined` are then the names under which it defines context entries."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_EXPRESSION:
            raise FeelSyntaxError(
                f"the expression is longer than {MAX_EXPRESSION} characters", text[:40] + "…", 40
            )
        super().__init__(text)
        self.depth = 0
        self.defined: set[str] = set()
        self.unresolved: list[tuple[str, int]] = []

    # --- entry points ---

    def unary_tests(self) -> n.Tests:
        """Unary tests: `-` or nothing, `not(...)`, or tests with commas between them."""
        if self.is_operator("-") and self.tokens[1].kind == "end":
            self.at = 1
        if self.token.kind == "end":
            return n.Tests(())
        if self.token.text == "not" and self.tokens[1].text == "(":
            self.at = 2
            tests = n.Tests(self.several(self.one_test), negated=True)
            self.expect(")")
            if self.token.kind == "end" or self.is_operator(","):
                return tests
            self.at = 0
        return n.Tests(self.several(self.one_test))

    def finish(self) -> None:
        """Refuse what stands behind the expression or the tests, and calls of functions that do not exist."""
        if self.token.kind != "end":
            raise self.unexpected()
        for name, position in self.unresolved:
            if name not in self.defined:
                raise UnknownFunction(name, self.text, position)

    # --- expressions ---

    def expression(self) -> n.Node:
        """One expression."""
        self.depth += 1
        if self.depth > MAX_EXPRESSION_DEPTH:
            raise self.error(f"the expression is nested deeper than {MAX_EXPRESSION_DEPTH} levels")
        node = self.whole()
        self.depth -= 1
        return node

    def whole(self) -> n.Node:
        token = self.token
        if token.kind == "name":
            following = self.tokens[self.at + 1]
            if token.text == "if" and following.starts_expression():
                return self.conditional()
            if token.text in ("for", "some", "every") and following.kind in ("name", "quoted"):
                return self.loop(token.text)
            if token.text == "function":
                return self.function()
        elif token.kind == "operator":
            if token.text in _TESTS:
                self.at += 1
                return n.Comparison(token.text, self.binary(_ADDITIVE))
            if self.accept("]"):
                return self.range(self.binary(_ADDITIVE), False)
        return self.binary(1)

    def binary(self, power: int) -> n.Node:
        left = self.unary()
        highest = _POWER["**"]
        while not is_bare_range(left):
            word = self.token.text if self.token.kind in ("operator", "name") else ""
            own = _POWER.get(word, 0)
            if power <= own <= highest:
                self.at += 1
                left = n.Binary(word, left, self.operand(own + 1))
                if own < _COMPARISON:
                    highest = own
                continue
            compared = None if own or power > _COMPARISON or highest < _COMPARISON else self.comparison(left)
            if compared is None:
                break
            left, highest = compared, _COMPARISON - 1
        return left

    def operand(self, power: int) -> n.Node:
        node = self.binary(power)
        if is_bare_range(node):
            raise self.error("a range cannot be an operand")
        return node

    def comparison(self, left: n.Node) -> n.Node | None:
        """What follows an arithmetic expression, at most once; None when nothing does."""
        word = self.token.text
        if self.token.kind == "operator" and word in _COMPARATORS:
            self.at += 1
            return n.Binary(word, left, self.operand(_ADDITIVE))
        if self.accept("between"):
            low = self.operand(_ADDITIVE)
            self.expect("and")
            return n.Between(left, low, self.operand(_ADDITIVE))
        if self.accept("in"):
            return n.In(left, n.Tests(self.in_tests()))
        if word == "instance" and self.tokens[self.at + 1].text == "of":
            self.at += 2
            return n.InstanceOf(left, self.type_name())
        return None

    def in_tests(self) -> tuple[n.Node, ...]:
        if not self.accept("("):
            return (self.one_test(),)
        tests = self.several(self.expression)
        if len(tests) == 1 and self.is_operator(".."):
            return (self.range(tests[0], False),)
        self.expect(")")
        return tests

    def one_test(self) -> n.Node:
        node = self.expression()
        # As the very last word, `true` is a value to compare with; elsewhere it is a test that is fulfilled.
        last = self.tokens[self.at - 1].text == "true" and self.token.kind == "end"
        if last and isinstance(node, n.Literal):
            return n.Binary("=", n.Name("?"), node)
        return node

    def type_name(self) -> str:
        start = self.token.start
        for phrase in _TYPES:
            if self.text.startswith(phrase, start):
                while self.token.start < start + len(phrase) and self.token.kind != "end":
                    self.at += 1
                return phrase
        if self.token.kind != "name" or self.token.text in LITERALS:
            raise self.unexpected("the name of a type")
        self.at += 1
        return self.tokens[self.at - 1].text

    def unary(self) -> n.Node:
        negations = 0
        while self.accept("-"):
            negations += 1
        if negations > MAX_EXPRESSION_DEPTH:
            raise self.error(f"the expression is nested deeper than {MAX_EXPRESSION_DEPTH} levels")
        node = self.postfix()
        if negations and is_bare_range(node):
            raise self.error("a range cannot be an operand")
        for _ in range(negations):
            node = n.Negation(node)
        return node

    def postfix(self) -> n.Node:
        node = self.primary()
        steps = 0
        while not is_bare_range(node):
            if self.accept("."):
                key = self.key()
                if self.is_operator("(") and isinstance(node, (n.Name, n.Path)):
                    node = self.call(node, key)
                elif isinstance(node, n.Path):
                    node = n.Path(node.base, (*node.keys, key))
                else:
                    node = n.Path(node, (key,))
            elif self.is_operator("[") and self.tokens[self.at + 1].starts_expression():
                self.at += 1
                node = n.Filter(node, self.expression())
                self.expect("]")
            else:
                break
            steps += 1
            if steps > MAX_EXPRESSION_DEPTH:
                raise self.error(f"the path has more than {MAX_EXPRESSION_DEPTH} steps")
        return node

    def key(self) -> str:
        token = self.token
        name = self.variable()
        if name == "time" and self.text.startswith("time offset", token.start):
            self.at += 1
            return "time offset"
        return name

    # --- primary expressions ---

    def primary(self) -> n.Node:
        token = self.token
        kind, text = token.kind, token.text
        if kind == "name":
            return self.name_or_call()
        self.at += 1
        if kind == "number":
            return n.Literal(Decimal(text))
        if kind == "string":
            return n.Literal(string_value(token))
        if kind == "at":
            return n.Literal(temporal.parse_any(text[2:-1]))
        if kind == "quoted":
            return n.Name(text[1:-1])
        if kind == "operator":
            if text == "?":
                return n.Name("?")
            if text == "(":
                return self.parenthesis()
            if text == "[":
                return self.list_or_range()
            if text == "{":
                return n.ContextOf(self.any_before("}", self.entry))
        self.at -= 1
        raise self.unexpected("an expression")

    def parenthesis(self) -> n.Node:
        inner = self.expression()
        if self.is_operator(".."):
            return self.range(inner, False)
        self.expect(")")
        return inner._replace(bare=False) if isinstance(inner, n.RangeOf) else inner

    def list_or_range(self) -> n.Node:
        if self.accept("]"):
            return n.ListOf(())
        items = self.several(self.expression)
        if len(items) == 1 and self.is_operator(".."):
            return self.range(items[0], True)
        self.expect("]")
        return n.ListOf(items)

    def range(self, start: n.Node, included: bool) -> n.Node:
        self.expect("..")
        end = self.operand(_ADDITIVE)
        if self.accept("]"):
            return n.RangeOf(start, end, included, True)
        if self.accept(")") or self.accept("["):
            return n.RangeOf(start, end, included, False)
        raise self.unexpected("the end of the range")

    def entry(self) -> tuple[str, n.Node]:
        key = self.entry_key()
        self.defined.add(key)
        self.expect(":")
        return key, self.expression()

    def entry_key(self) -> str:
        """A key: a string, a name in backticks, or the very text before the colon ("a+b" is a key)."""
        token = self.token
        if token.kind in ("string", "quoted"):
            self.at += 1
            return token.text[1:-1]
        while not self.is_operator(":"):
            if self.token.kind in ("end", "string", "at", "quoted") or self.token.text in _NO_KEY:
                raise self.unexpected("a key and ':'")
            self.at += 1
        key = self.text[token.start : self.token.start].rstrip()
        if not key:
            raise self.error("expected a key before ':'")
        return key

    def name_or_call(self) -> n.Node:
        token = self.token
        for words in _PHRASES.get(token.text, ()):
            last = self.at + len(words)
            name = " ".join(words)
            if self.tokens[min(last, len(self.tokens) - 1)].text == "(" and name == self.up_to(last):
                self.at = last
                return self.call(None, name, token.start)
        if token.text in LITERALS:
            self.at += 1
            return n.Literal(LITERALS[token.text])
        last = self.at + 1
        while self.tokens[last].kind == "name" and self.tokens[last].text not in OPERATOR_WORDS:
            last += 1
        following = self.tokens[last]
        if token.text not in RESERVED and following.text == "(" and following.kind == "operator":
            name = self.up_to(last)
            self.at = last
            self.unresolved.append((name, token.start))
            return self.call(None, name, token.start)
        return n.Name(self.variable())

    def up_to(self, token: int) -> str:
        """The text from the next token to the one before another."""
        return self.text[self.token.start : self.tokens[token - 1].end]

    def call(self, base: n.Node | None, name: str, position: int = 0) -> n.Node:
        self.expect("(")
        arguments = self.any_before(")", self.argument)
        names = tuple(given for given, _ in arguments if given is not None)
        if names and len(names) != len(arguments):
            raise FeelSyntaxError(
                "arguments are given either all by name or all by position", self.text, position
            )
        return n.Call(base, name, tuple(value for _, value in arguments), names or None)

    def argument(self) -> tuple[str | None, n.Node]:
        name = None
        if self.argument_name_ahead():
            name = self.entry_key()
            self.expect(":")
        return name, self.expression()

    def argument_name_ahead(self) -> bool:
        ahead = self.at
        while self.tokens[ahead].kind == "name":
            ahead += 1
        return ahead > self.at and self.tokens[ahead].text == ":"

    # --- forms that stand alone ---

    def conditional(self) -> n.Node:
        self.expect("if")
        condition = self.expression()
        self.expect("then")
        positive = self.expression()
        self.expect("else")
        return n.If(condition, positive, self.expression())

    def loop(self, word: str) -> n.Node:
        self.at += 1
        iterators = self.several(self.iterator)
        if word == "for":
            self.expect("return")
            return n.For(iterators, self.expression())
        self.expect("satisfies")
        return n.Quantified(word == "every", iterators, self.expression())

    def iterator(self) -> n.Iterator:
        name = self.variable()
        self.expect("in")
        source = self.expression()
        if is_bare_range(source):
            raise self.error("an iteration over a range is written without brackets, as in 'for x in 1..3'")
        end = self.operand(_ADDITIVE) if self.accept("..") else None
        return n.Iterator(name, source, end)

    def function(self) -> n.Node:
        self.expect("function")
        self.expect("(")
        return n.FunctionOf(self.any_before(")", self.variable), self.expression())
