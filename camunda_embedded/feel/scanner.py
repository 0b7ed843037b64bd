"""Text to tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from camunda_embedded.feel.errors import FeelSyntaxError


class Token(NamedTuple):
    """One token. `kind` is number, string, name, quoted (a name in backticks), at, operator, bad or end."""

    kind: str
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"""
    (?P<space>   (?: \s | //[^\n]* | /\*.*?\*/ )+ )
  | (?P<name>    (?:[^\W\d]|\$)[\w$]* )
  | (?P<operator>\.\.|\*\*|!=|<=|>= )
  | (?P<number>  [0-9]+(?:\.[0-9]+)? | \.[0-9]+ )
  | (?P<string>  "(?:[^"\\]|\\.)*" )
  | (?P<at>      @"[^"]*" )
  | (?P<quoted>  `[^`]+` )
  | (?P<single>  [-+*/<>=()\[\]{},:.?] )
  | (?P<bad>     . )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"""\\([btnfr"'])""")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "'": "'"}


def scan(text: str) -> list[Token]:
    """The tokens of an expression, without white space and comments, with one `end` token behind them."""
    tokens = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "bad"
        if kind == "space":
            continue
        if match.group() == '"':
            raise FeelSyntaxError("the string is not closed", text, match.start())
        tokens.append(
            Token("operator" if kind == "single" else kind, match.group(), match.start(), match.end())
        )
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def string_value(token: Token) -> str:
    """What a string token stands for: known escapes replaced, every other backslash kept (as patterns need)."""
    return _ESCAPE.sub(lambda match: _ESCAPED[match[1]], token.text[1:-1])
