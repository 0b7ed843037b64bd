"""What takes more than one operation: variables as objects, reports, settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from enum import Enum
from typing import Any, Literal, Optional

import pytest
from typing_extensions import NotRequired, TypedDict

import bridge
from camunda_core.credentials import Basic, Credentials
from camunda_core.errors import InvalidRequest, NotFound
from camunda_core.retry import NO_RETRY
from camunda_rest._into import Misfit, convert
from tests.fakes.rest import RestServer, Step, answer, problem
from tests.unit.camunda_rest.api.sides import SIDES, awaited, opened


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(side: str, server: RestServer) -> Iterator[Any]:
    with opened(side, server.address, retry=NO_RETRY) as made:
        yield made


@dataclass(frozen=True)
class Line:
    item: str
    price: float


@dataclass(frozen=True)
class Order:
    number: int
    lines: list[Line]
    note: str | None = None
    tags: tuple[str, ...] = field(default=())


class Shipping(TypedDict):
    street: str
    express: NotRequired[bool]


def variables(**values: Any) -> Step:
    items = [
        {"name": name, "value": json.dumps(value), "isTruncated": False} for name, value in values.items()
    ]
    return answer(200, {"items": items, "page": {"totalItems": len(items)}})


def test_variables_are_a_dictionary_of_decoded_values(client: Any, server: RestServer) -> None:
    server.script(variables(number=5, lines=[{"item": "a"}]))

    assert client.get_variables(7) == {"number": 5, "lines": [{"item": "a"}]}
    (request,) = server.requests
    assert request.target == "/v2/variables/search?truncateValues=false"
    assert request.json["filter"] == {"processInstanceKey": "7", "scopeKey": "7"}


def test_variables_become_an_object_of_a_class(client: Any, server: RestServer) -> None:
    server.script(variables(number=5, lines=[{"item": "a", "price": 2}]))
    assert client.get_variables(7, into=Order) == Order(5, [Line("a", 2.0)])
    assert server.requests[0].json["filter"]["name"] == {"$in": ["number", "lines", "note", "tags"]}

    server.script(variables(street="x"))
    assert client.get_variables(7, into=Shipping, scope_key=9) == {"street": "x"}
    assert server.requests[0].json["filter"]["scopeKey"] == "9"


def test_named_variables_are_waited_for(client: Any, server: RestServer) -> None:
    server.script(variables(a=1), variables(a=1, b=2))
    assert client.get_variables(7, names=["a", "b"], wait=20) == {"a": 1, "b": 2}
    assert len(server.requests) == 2

    server.script(variables(a=1))
    with pytest.raises(NotFound, match=r"no variable b \(waited for 0\.1 s\)"):
        client.get_variables(7, names=["a", "b"], wait=0.1)
    with pytest.raises(NotFound, match=r"no variable lines, number \(waited for 0 s\)"):
        client.get_variables(7, into=Order, wait=0)


def test_a_value_that_does_not_fit_names_its_place(client: Any, server: RestServer) -> None:
    server.script(variables(number="5", lines=[]))
    with pytest.raises(ValueError, match=r"Order\.number should be int, not '5'"):
        client.get_variables(7, into=Order)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"names": "abc"}, "names must be a list of names, not one text"),
        ({"names": [1]}, "names must be texts"),
        ({"into": dict}, "into must be a dataclass or a TypedDict"),
        ({"into": 3}, "into must be a dataclass or a TypedDict"),
    ],
)
def test_bad_arguments_are_refused(
    client: Any, server: RestServer, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        client.get_variables(7, **given)
    assert server.requests == []


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        (5, float, 5.0),
        (None, Optional[int], None),  # noqa: UP045
        ({"a": [1]}, dict[str, list[int]], {"a": [1]}),
        ([1, "a"], tuple[int, str], (1, "a")),
        ([1, 2], set[int], {1, 2}),
        ("red", Colour, Colour.RED),
        ("a", Literal["a", "b"], "a"),
        ("2026-01-31T12:00:00Z", datetime, datetime(2026, 1, 31, 12, tzinfo=timezone.utc)),
        ("2026-01-31", date, date(2026, 1, 31)),
        ("x", int | str, "x"),
        ([{"any": 1}], list, [{"any": 1}]),
    ],
)
def test_values_become_what_the_hints_say(value: Any, hint: Any, expected: Any) -> None:
    assert convert(value, hint) == expected


@pytest.mark.parametrize(
    ("value", "hint", "words"),
    [
        (True, int, "int should be int, not True"),
        ("5", float, "float should be float, not '5'"),
        ("c", Literal["a", "b"], "should be one of 'a', 'b', not 'c'"),
        ([1], tuple[int, str], "should be a list of 2"),
        ("blue", Colour, "Colour should be Colour, not 'blue'"),
        ({"number": 1, "lines": [{"item": "a"}]}, Order, r"Order\.lines\[0\] has no price"),
        ([], Order, r"Order should be an object, not \[\]"),
        (5.5, int | None, "should be int, not 5.5"),
        ([], int | str, "should be int, not .*; or .* should be str"),
    ],
)
def test_values_that_do_not_fit_are_told(value: Any, hint: Any, words: str) -> None:
    with pytest.raises(Misfit, match=words):
        convert(value, hint)


# Settings and reports


class Vault(Credentials):
    """Credentials of somebody else's, with a telling repr."""

    def headers(self, timeout: float | None = None) -> dict[str, str]:
        return {"authorization": "Bearer hunter2"}

    def __repr__(self) -> str:
        return "Vault(hunter2)"


@pytest.mark.parametrize("credentials", [Basic("ann", "hunter2"), Vault()])
def test_settings_can_be_read_and_not_changed_and_hold_no_secret(
    side: str, server: RestServer, credentials: Credentials
) -> None:
    with opened(side, server.address, credentials=credentials, tenant_id="blue", timeout=7) as client:
        config = client.config
        assert (config["rest_address"], config["timeout"], config["tenant_id"]) == (
            f"{server.address}/v2",
            7.0,
            "blue",
        )
        assert "hunter2" not in repr(config)
        with pytest.raises(TypeError):
            config["timeout"] = 5


def test_the_settings_of_a_client_of_the_bridge_name_both_wires(side: str) -> None:
    more: dict[str, Any] = {"rest_address": "http://127.0.0.1:1", "credentials": Basic("ann", "hunter2")}
    client: Any = bridge.Client(**more) if side == "blocking" else awaited(bridge.AsyncClient(**more))
    with client:
        assert client.config["rest_address"] == "http://127.0.0.1:1"
        assert client.config["grpc_address"] is None
        assert "hunter2" not in repr(client.config)


def test_a_report_says_versions_settings_and_what_the_cluster_answers(side: str, server: RestServer) -> None:
    server.script(
        answer(200, {"brokers": [], "gatewayVersion": "8.8.9", "clusterSize": 3, "partitionsCount": 4}),
        answer(204),
        problem(403, "FORBIDDEN", "not yours"),
    )
    with opened(side, server.address, retry=NO_RETRY, credentials=Basic("ann", "hunter2")) as client:
        report = client.support_report()

    assert "8.8.9, 3 brokers, 4 partitions" in report
    assert "answers" in report
    assert "PermissionDenied: getLicense: not yours" in report
    assert server.address in report
    assert "hunter2" not in report


def test_a_report_of_a_cluster_that_is_not_there_is_a_report_all_the_same(side: str) -> None:
    with opened(side, "http://127.0.0.1:1", retry=NO_RETRY) as client:
        assert "Unavailable: Topology: cannot connect" in client.support_report()
