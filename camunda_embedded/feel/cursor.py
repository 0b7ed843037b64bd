"""The place in a text that the parser has reached."""

from __future__ import annotations

from camunda_embedded.feel.errors import FeelSyntaxError
from camunda_embedded.feel.scanner import Token, scan

LITERALS = {"true": True, "false": False, "null": None}
RESERVED = frozenset(("and", "or", "in", "then", "else", "return", "satisfies", "function", *LITERALS))
"""The words that are no names, not even behind a dot."""
OPERATOR_WORDS = RESERVED | {"between", "instance"}


class Cursor:
    """The tokens of a text, and how far they are read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = scan(text)
        self.at = 0

    @property
    def token(self) -> Token:
        """The token that is next."""
        return self.tokens[self.at]

    def error(self, message: str) -> FeelSyntaxError:
        """What to raise about the next token."""
        return FeelSyntaxError(message, self.text, self.token.start)

    def found(self) -> str:
        """The next token, as messages name it."""
        return "end of the expression" if self.token.kind == "end" else f"'{self.token.text}'"

    def is_operator(self, text: str) -> bool:
        return self.token.kind == "operator" and self.token.text == text

    def accept(self, text: str) -> bool:
        """Step over the next token if it is this operator or word."""
        if self.token.text == text and self.token.kind in ("operator", "name"):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Step over the next token, which has to be this operator or word."""
        if not self.accept(text):
            raise self.error(f"expected '{text}' but found {self.found()}")

    @staticmethod
    def starts_expression(token: Token) -> bool:
        """Whether an expression can begin with the token (so that `if` before it is no name, say)."""
        if token.kind == "operator":
            return token.text in ("(", "[", "{", "-", "?", "<", "<=", ">", ">=")
        if token.kind == "name":
            return token.text not in OPERATOR_WORDS or token.text in LITERALS or token.text == "function"
        return token.kind in ("number", "string", "at", "quoted")

    def variable(self) -> str:
        """A name that is being introduced: an iterator's or a parameter's."""
        token = self.token
        if token.kind == "quoted":
            self.at += 1
            return token.text[1:-1]
        if token.kind != "name" or token.text in RESERVED:
            raise self.error(f"expected a name but found {self.found()}")
        self.at += 1
        return token.text
