"""JSON is written as Python's own encoder writes it, only sooner."""

from __future__ import annotations

import json
import json.encoder
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camunda_core import _json

_PLAIN = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_what_the_encoder_of_python_writes(value: Any) -> None:
    assert _json.write(value) == _PLAIN.encode(value)


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": -float("inf")}])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON"):
        _json.write(value)


@pytest.mark.parametrize("value", [object(), {"a": {1}}, {(1, 2): 3}])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        _json.write(value)


def test_what_contains_itself_is_refused_and_the_next_is_written() -> None:
    around: list[Any] = []
    around.append(around)
    with pytest.raises(RecursionError):
        _json.write(around)
    assert _json.write({"a": [1]}) == '{"a":[1]}'


@pytest.mark.parametrize("other", [None, lambda *_: lambda value, level: ("other",), lambda: None])
def test_another_encoder_than_the_one_we_know_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, other: Any
) -> None:
    assert _json._writer().__name__ == "write"
    monkeypatch.setattr(json.encoder, "c_make_encoder", other)
    monkeypatch.setattr(json.JSONEncoder, "encode", lambda self, value: "of Python")
    assert _json._writer()({}) == "of Python"
