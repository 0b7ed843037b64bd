"""What is true of an RPC on both wires is stated once, in ``camunda_core._rpcs``."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bridge._doors.polling import HEADROOM, RESULT_HEADROOM, time_for
from bridge._table.mapping import ROWS, RestRequest
from camunda_core._rpcs import FACTS
from camunda_grpc._rpcs import RPCS
from camunda_rest import operations as op
from camunda_rest._invocation import DEFAULT, time_limit

ROOT = Path(__file__).parents[2]
STATED = {"repeatable", "default_wait", "server_wait", "negative_wait"}


@pytest.mark.parametrize("rpc", FACTS)
def test_both_wires_say_the_same_of_an_rpc(rpc: str) -> None:
    facts, native, operation = FACTS[rpc], RPCS[rpc], ROWS[rpc].operation
    assert (native.repeatable, native.server_wait) == (facts.repeatable, facts.default_wait)
    if operation is not None:
        assert operation.repeatable == facts.repeatable
        if facts.default_wait is not None:
            body = dict(ROWS[rpc].always)
            assert operation.server_wait(body) == facts.default_wait
            assert operation.server_wait({**body, "requestTimeout": -1}) == facts.negative_wait


def test_nothing_else_states_these_facts() -> None:
    modules = [
        ROOT / "camunda_core" / "_rpcs.py",
        *(ROOT / "camunda_grpc").glob("*.py"),
        *(ROOT / "camunda_rest").glob("*.py"),
        *(ROOT / "bridge").rglob("*.py"),
        *(ROOT / "camunda_worker").rglob("*.py"),
    ]
    assert len(modules) > 50
    stating = {
        module.relative_to(ROOT).as_posix()
        for module in modules
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword)
        and node.arg in STATED
        and isinstance(node.value, ast.Constant)
        and node.value.value not in (None, False)
    }
    assert stating == {"camunda_core/_rpcs.py"}


@pytest.mark.parametrize(
    ("body", "wait", "headroom"),
    [
        ({"requestTimeout": 5_000}, 5.0, RESULT_HEADROOM),
        ({}, 15.0, HEADROOM),
        ({"requestTimeout": -1}, 15.0, HEADROOM),
    ],
)
def test_an_awaited_result_has_the_time_that_the_gateway_waits(
    body: dict[str, int], wait: float, headroom: float
) -> None:
    awaited = {"processDefinitionId": "p", "awaitCompletion": True, **body}
    assert time_for(RestRequest(op.CREATE_PROCESS_INSTANCE, {}, awaited), 10.0) == wait + headroom
    assert time_limit(op.CREATE_PROCESS_INSTANCE, awaited, DEFAULT, 10.0) == wait + 10.0
