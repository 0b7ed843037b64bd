"""Text to tokens, and the place among them that the parser has reached."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from camunda_embedded._feel.errors import FeelSyntaxError

T = TypeVar("T")

LITERALS = {"true": True, "false": False, "null": None}
RESERVED = frozenset(("and", "or", "in", "then", "else", "return", "satisfies", "function", *LITERALS))
"""The words that are no names, not even behind a dot."""
OPERATOR_WORDS = RESERVED | {"between", "instance"}


class Token(NamedTuple):
    """One token. `kind` is number, string, name, quoted (a name in backticks), at, operator, bad or end."""

    kind: str
    text: str
    start: int
    end: int

    def starts_expression(self) -> bool:
        """Whether an expression can begin with the token (so that `if` before it is no name, say)."""
        if self.kind == "operator":
            return self.text in ("(", "[", "{", "-", "?", "<", "<=", ">", ">=")
        if self.kind == "name":
            return self.text not in OPERATOR_WORDS or self.text in LITERALS or self.text == "function"
        return self.kind in ("number", "string", "at", "quoted")


_TOKEN = re.compile(
    r"""
    (?P<space>   (?: \s | //[^\n]* | /\*.*?\*/ )+ )
  | (?P<name>    (?:[^\W\d]|\$)[\w$]* )
  | (?P<operator> \.\. | \*\* | != | <= | >= | [-+*/<>=()\[\]{},:?] | \.(?![0-9]) )
  | (?P<number>  [0-9]+(?:\.[0-9]+)? | \.[0-9]+ )
  | (?P<string>  "(?:[^"\\]|\\.)*" )
  | (?P<at>      @"[^"]*" )
  | (?P<quoted>  `[^`]+` )
  | (?P<bad>     . )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"""\\([btnfr"'])""")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "'": "'"}


def _scan(text: str) -> list[Token]:
    """The tokens of an expression, without white space and comments, with one `end` token behind them."""
    tokens = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "bad"
        if kind == "space":
            continue
        if match.group() == '"':
            raise FeelSyntaxError("the string is not closed", text, match.start())
        tokens.append(Token(kind, match.group(), match.start(), match.end()))
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def string_value(token: Token) -> str:
    """What a string token stands for: known escapes replaced, every other backslash kept (as
    patterns need).
    """
    return _ESCAPE.sub(lambda match: _ESCAPED[match[1]], token.text[1:-1])


class Cursor:
    """The tokens of a text, and how far they are read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _scan(text)
        self.at = 0

    @property
    def token(self) -> Token:
        """The token that is next."""
        return self.tokens[self.at]

    def error(self, message: str) -> FeelSyntaxError:
        """What to raise about the next token."""
        return FeelSyntaxError(message, self.text, self.token.start)

    def unexpected(self, wanted: str = "") -> FeelSyntaxError:
        """What to raise when the next token is not what is wanted there, or when nothing is."""
        found = "end of the expression" if self.token.kind == "end" else f"'{self.token.text}'"
        return self.error(f"expected {wanted} but found {found}" if wanted else f"unexpected {found}")

    def is_operator(self, text: str) -> bool:
        return self.token.kind == "operator" and self.token.text == text

    def accept(self, text: str) -> bool:
        """Step over the next token if it is this operator or word."""
        if self.token.text == text and self.token.kind in ("operator", "name"):
            self.at += 1
            return True
        return False

    def several(self, one: Callable[[], T]) -> tuple[T, ...]:
        """One or more, with commas between them."""
        found = [one()]
        while self.accept(","):
            found.append(one())
        return tuple(found)

    def any_before(self, end: str, one: Callable[[], T]) -> tuple[T, ...]:
        """Any number, with commas between them, and the operator that ends them."""
        if self.accept(end):
            return ()
        found = self.several(one)
        self.expect(end)
        return found

    def expect(self, text: str) -> None:
        """Step over the next token, which has to be this operator or word."""
        if not self.accept(text):
            raise self.unexpected(f"'{text}'")

    def variable(self) -> str:
        """A name that is being introduced: an iterator's or a parameter's."""
        token = self.token
        if token.kind != "quoted" and (token.kind != "name" or token.text in RESERVED):
            raise self.unexpected("a name")
        self.at += 1
        return token.text.strip("`")
