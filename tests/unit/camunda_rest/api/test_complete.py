"""Nothing of the contract is missing, nothing is there twice, and no name that was there vanishes."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

from camunda_rest import operations as twins
from camunda_rest._described import operation_of
from camunda_rest._reading import reader_of
from camunda_rest._writing import snake
from camunda_rest.api import operations as op
from camunda_rest.api import results
from camunda_rest.api.aio_client import AsyncRestOperations
from camunda_rest.api.client import RestOperations
from tests.unit.camunda_rest.api.contract import OPERATIONS, SCHEMAS, TWINS

ROOT = Path(__file__).resolve().parents[4]
NAMES = Path(__file__).with_name("names.txt")
DESCRIBED = {each.id: each for each in (getattr(op, name) for name in op.FACTS)}


def methods(cls: type) -> dict[str, object]:
    return {name: value for name, value in vars(cls).items() if not name.startswith("_") and callable(value)}


def test_every_operation_has_a_constant_and_a_method_on_both_clients() -> None:
    generated = set(OPERATIONS) - TWINS

    assert set(DESCRIBED) == generated
    assert set(methods(RestOperations)) == {snake(name) for name in generated}
    assert set(methods(AsyncRestOperations)) == {snake(name) for name in generated}
    assert len(generated) == 226


def test_every_operation_that_has_no_generated_method_is_a_twin_of_an_rpc() -> None:
    assert set(twins.BY_ID) == TWINS
    assert set(OPERATIONS) >= TWINS


def test_operations_say_what_the_contract_says() -> None:
    for name, described in DESCRIBED.items():
        facts = OPERATIONS[name]
        assert (described.method, described.path) == (facts["method"], facts["path"]), name
        assert described.since == facts["since"], name
        assert described.root == (facts.get("base") == "root"), name
        assert described.eventual == facts.get("eventual", False), name
        assert bool(described.page) == ("page" in facts), name
        assert described.sorts.split() == facts.get("sort", []), name
        assert [part.partition(":")[0] for part in described.params.split()] == list(
            facts.get("params", {})
        ), name
        assert operation_of(described).keys == tuple(facts.get("params", {})), name


def test_what_creates_or_advances_something_is_not_repeated() -> None:
    once = {name for name, described in DESCRIBED.items() if not described.repeatable}

    assert {
        "createUser",
        "correlateMessage",
        "createDocument",
        "completeUserTask",
        "createAgentInstance",
    } <= once
    assert all(OPERATIONS[name]["method"] in ("POST", "PATCH") for name in once)
    assert all(DESCRIBED[name].repeatable for name in OPERATIONS if name.startswith("search"))
    assert {name for name in once if name.endswith("BatchOperation")} >= {
        "cancelProcessInstancesBatchOperation"
    }


def test_every_class_of_an_answer_can_be_read() -> None:
    for name in results.HOMES:
        assert reader_of(name)({}) is not None
        assert name in dir(results)


def test_every_field_of_a_filter_is_an_argument() -> None:
    from camunda_rest.api.shapes import SHAPES

    for described in DESCRIBED.values():
        if described.filter:
            wires = [part.partition(":")[0] for part in SHAPES[described.filter].split()]
            facts = SCHEMAS[described.filter]
            expected = (
                facts["fields"]
                if "fields" in facts
                else {f for each in facts["union"] for f in SCHEMAS[each]["fields"]}
            )
            assert set(wires) == set(expected)


def test_both_clients_take_the_same_arguments() -> None:
    theirs = methods(AsyncRestOperations)
    for name, method in methods(RestOperations).items():
        ours = list(inspect.signature(method).parameters)  # type: ignore[arg-type]
        assert ours == list(inspect.signature(theirs[name]).parameters), name  # type: ignore[arg-type]


def test_no_name_vanishes() -> None:
    known = NAMES.read_text(encoding="utf-8").split()
    present = {*methods(RestOperations), *results.HOMES}

    assert set(known) <= present, "a method or class that was released is gone"
    assert present <= set(known), f"new names belong into {NAMES.name}: {sorted(present - set(known))}"


def test_what_is_generated_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/generate_rest_api.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_typescript_clients_methods_are_all_there() -> None:
    # Its methods bear the operation ids.
    listed = ROOT / "contract" / "typescript_methods.txt"
    theirs = set(listed.read_text(encoding="utf-8").split())

    assert len(theirs) == 183
    assert theirs <= set(DESCRIBED) | TWINS
