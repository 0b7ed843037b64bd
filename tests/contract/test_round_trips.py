"""To REST and back: nothing is lost but what ``losses`` names, for complete messages and for any message at all."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bridge._table.mapping import RestRequest
from bridge._table.transcode import classes_of, exchange
from camunda_core.errors import InvalidRequest
from tests.contract import corpus, fill
from tests.contract.corpus import ON_REST, SHAPED
from tests.contract.losses import LOSSES, without_losses

ANY_MESSAGE = settings(
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def over_the_wire(rest: RestRequest) -> RestRequest:
    """What the other end reads: the body has been JSON in between."""
    return RestRequest(rest.operation, rest.path, json.loads(json.dumps(rest.body)), rest.files)


def echo(rpc: str, message: Any) -> Any:
    rest = over_the_wire(exchange(rpc).to_rest(message))
    return exchange(rpc).from_rest(rest.path, rest.body, rest.files)


def echo_of_answer(rpc: str, message: Any) -> Any:
    return exchange(rpc).answer_from_rest(json.loads(json.dumps(exchange(rpc).answer_to_rest(message))))


@pytest.mark.parametrize(("rpc", "shape"), SHAPED)
def test_a_complete_request_comes_back_whole(rpc: str, shape: str) -> None:
    message = corpus.request(rpc, shape)
    back = echo(rpc, message)
    assert without_losses(back) == without_losses(message)
    if shape != "by key":  # without an id the version is not sent, and REST's own default comes back
        assert back == message


@pytest.mark.parametrize("rpc", ON_REST)
def test_an_empty_request_comes_back_empty(rpc: str) -> None:
    message = exchange(rpc).request_class()
    for name in exchange(rpc).row.required:
        setattr(message, name, 1)
    assert without_losses(echo(rpc, message)) == without_losses(message)


@pytest.mark.parametrize("rpc", ON_REST)
def test_optional_fields_that_hold_their_default_stay_set(rpc: str) -> None:
    for shape in corpus.SHAPES.get(rpc, {"": None}):
        message = corpus.request(rpc, shape)
        _blank_optionals(message)
        assert without_losses(echo(rpc, message)) == without_losses(message)
    answer = corpus.answer(rpc)
    _blank_optionals(answer)
    assert without_losses(echo_of_answer(rpc, answer)) == without_losses(answer)


def _blank_optionals(message: Any) -> None:
    for each, value in message.ListFields():
        if each.message_type is not None:
            for item in value if fill.repeated(each) else [value]:
                _blank_optionals(item)
        elif fill.optional(each) and each.name not in ("operationReference", "type"):
            setattr(message, each.name, type(value)())


@pytest.mark.parametrize("rpc", ON_REST)
def test_any_request_comes_back_or_is_refused_by_name(rpc: str) -> None:
    request_class = exchange(rpc).request_class
    fitting = 0

    @ANY_MESSAGE
    @given(fill.anything(request_class))
    def run(message: Any) -> None:
        nonlocal fitting
        try:
            back = echo(rpc, message)
        except InvalidRequest as refused:
            assert refused.operation == rpc
            assert ": " in str(refused)
        else:
            fitting += 1
            assert without_losses(back) == without_losses(message)

    run()
    assert fitting >= (10 if request_class.DESCRIPTOR.fields else 1)


@pytest.mark.parametrize("rpc", ON_REST)
def test_any_answer_comes_back(rpc: str) -> None:
    @ANY_MESSAGE
    @given(fill.anything(exchange(rpc).answer_class))
    def run(message: Any) -> None:
        assert without_losses(echo_of_answer(rpc, message)) == without_losses(message)

    run()


def test_a_whole_stream_of_answers_becomes_one_and_comes_back_as_one() -> None:
    whole = exchange("ActivateJobs")
    batches = [whole.answer_class(jobs=[job]) for job in corpus.answer("ActivateJobs").jobs]
    assert whole.messages_from_rest(whole.messages_to_rest(batches)) == [corpus.answer("ActivateJobs")]
    assert whole.messages_from_rest(whole.messages_to_rest([])) == []


def test_no_loss_is_listed_that_does_not_happen() -> None:
    echoes = [pair for rpc in ON_REST for pair in _echoes(rpc)]
    echoes.append(_without_variables())
    for name in LOSSES:
        others = {other: lose for other, lose in LOSSES.items() if other != name}
        assert any(without_losses(one, others) != without_losses(back, others) for one, back in echoes), name


def _without_variables() -> tuple[Any, Any]:
    """A rare one: what Hypothesis draws depends on the modules that happen to be loaded."""
    message = classes_of("ModifyProcessInstance")[0]()
    activated = message.activateInstructions.add(elementId="a")
    activated.variableInstructions.add(variables="{}")
    return message, echo("ModifyProcessInstance", message)


def _echoes(rpc: str) -> list[tuple[Any, Any]]:
    """Messages of any kind, and what came back of them."""
    found = []
    request_class, answer_class = classes_of(rpc)

    @ANY_MESSAGE
    @given(fill.anything(request_class), fill.anything(answer_class))
    def run(request: Any, answer: Any) -> None:
        found.append((answer, echo_of_answer(rpc, answer)))
        with contextlib.suppress(InvalidRequest):
            found.append((request, echo(rpc, request)))

    run()
    return found


# Bad input


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("{'a': 1}", "is not JSON"),
        ('{"a": NaN}', "JSON has no NaN"),
        ('{"a": [-Infinity]}', "JSON has no -Infinity"),
        ("[1]", "Expected document to be a root level object, but was 'ARRAY'"),
        ('"a"', "Expected document to be a root level object, but was 'STRING'"),
        ("1", "Expected document to be a root level object, but was 'INTEGER'"),
        ('{"a":' * 2000 + "1" + "}" * 2000, ""),
    ],
    ids=["broken", "quotes", "nan", "infinity", "list", "text", "number", "deep"],
)
def test_json_text_that_is_no_object_is_refused_at_its_place(text: str, says: str) -> None:
    for rpc, shape in SHAPED:
        for grpc, indices, each, _ in fill.leaves(corpus.request(rpc, shape)):
            if each.name in fill.JSON_TEXT:
                message = corpus.request(rpc, shape)
                _set(message, grpc, indices, text)
                with pytest.raises(InvalidRequest) as refused:
                    corpus.wire_of(rpc, message)
                assert _place(grpc, indices).rpartition(".")[2] in str(refused.value)
                assert says in str(refused.value)


def _set(message: Any, place: str, indices: tuple[int, ...], value: Any) -> None:
    left = iter(indices)
    *way, last = place.split(".")
    for name in way:
        message = getattr(message, name.removesuffix("[]"))
        if name.endswith("[]"):
            message = message[next(left)]
    setattr(message, last, value)


def _place(place: str, indices: tuple[int, ...]) -> str:
    for index in indices:
        place = place.replace("[]", f"[{index}]", 1)
    return place


WRONG = {
    "a number": 3.5,
    "NaN": math.nan,
    "true": True,
    "text": "x",
    "a list": [1],
    "an object": {"x": 1},
    "too large a number": 2**70,
    "too large a key": str(2**63),
    "digits of another script": "\u0663",
    "a grouped number": "1_000",
}
FITTING = {  # what is wrong for most fields is right for some
    "text": {"text", "too large a key", "digits of another script", "a grouped number"},
    "object": {"an object"},
    "list": {"a list"},
    "bool": {"true"},
}


def _kind(value: Any) -> str:
    return {str: "text", dict: "object", list: "list", bool: "bool"}.get(type(value), "number")


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(("rpc", "shape"), SHAPED)
def test_a_wrong_value_in_a_rest_request_is_refused_at_its_place(rpc: str, shape: str, wrong: str) -> None:
    rest = over_the_wire(exchange(rpc).to_rest(corpus.request(rpc, shape)))
    for place, each, right in _scalars(rpc, shape):
        kind = "key" if fill.is_key(each) else _kind(right)
        if wrong in FITTING.get(kind, ()) or place.startswith(("/", "resources[")):
            continue  # the path and the files are not JSON
        body = json.loads(json.dumps(rest.body))
        last = _replace(body, place, WRONG[wrong])
        with pytest.raises(InvalidRequest) as refused:
            exchange(rpc).from_rest(rest.path, body, rest.files)
        assert last in str(refused.value), str(refused.value)


def _scalars(rpc: str, shape: str) -> list[tuple[str, Any, Any]]:
    """The REST place of every field of a request, the field, and the value there."""
    where = corpus.request_places(rpc)
    return [
        (_place(where[grpc].rest, indices), each, corpus.in_rest(where[grpc], each, value))
        for grpc, indices, each, value in fill.leaves(corpus.request(rpc, shape))
        if not where[grpc].constant
    ]


def _replace(document: Any, place: str, value: Any) -> str:
    """Puts a value at a place; the last name of the place."""
    *way, last = place.replace("[", ".[").split(".")
    for name in way:
        document = document[int(name[1:-1])] if name.startswith("[") else document[name]
    document[int(last[1:-1]) if last.startswith("[") else last] = value
    return way[-1] if last.startswith("[") else last


def test_values_that_json_has_not_are_refused_inside_the_variables_of_a_rest_request() -> None:
    for wrong in (math.nan, math.inf, {1, 2}, b"x"):
        for body in (
            {"variables": {"a": [wrong]}},
            {"result": {"activateElements": [{"variables": {"a": wrong}}]}},
        ):
            with pytest.raises(InvalidRequest, match=r"variables: cannot be written as JSON"):
                exchange("CompleteJob").from_rest({"jobKey": "1"}, body)


@pytest.mark.parametrize("key", ["", "x", "1_0", " 1", "+1", "1.0", "\u0663", str(2**63), 1.0, True, "0x1"])
def test_a_path_that_holds_no_key_is_refused(key: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"jobKey: (must be a key|is beyond 64 bits)"):
        exchange("CompleteJob").from_rest({"jobKey": key}, {})


# The body


def test_a_body_that_is_no_object_is_refused() -> None:
    for body in ([], [1], "x", 1, True):
        with pytest.raises(InvalidRequest, match="the body must be an object"):
            exchange("CompleteJob").from_rest({"jobKey": "1"}, body)  # type: ignore[arg-type]


@pytest.mark.parametrize(("rpc", "shape"), SHAPED)
def test_an_unknown_property_is_refused(rpc: str, shape: str) -> None:
    rest = over_the_wire(exchange(rpc).to_rest(corpus.request(rpc, shape)))
    with pytest.raises(InvalidRequest, match="noSuchProperty: is unknown"):
        exchange(rpc).from_rest(rest.path, {**rest.body, "noSuchProperty": 1}, rest.files)


@pytest.mark.parametrize(
    ("rpc", "body", "says"),
    [
        ("CompleteJob", {"jobKey": "2"}, "jobKey: is unknown"),
        ("UpdateJobRetries", {"retries": 3}, "retries: is unknown"),
        ("UpdateJobRetries", {"changeset": {"retries": 3, "timeout": 5}}, "changeset.timeout: is unknown"),
        ("UpdateJobRetries", {"changeset": {"retries": 3, "jobKey": "5"}}, "changeset.jobKey: is unknown"),
        ("UpdateJobRetries", {"changeset": []}, "changeset: must be an object"),
        ("MigrateProcessInstance", {"migrationPlan": {}}, "migrationPlan: is unknown"),
        ("CreateProcessInstanceWithResult", {"request": {}}, "request: is unknown"),
        ("CreateProcessInstanceWithResult", {"awaitCompletion": False}, "awaitCompletion: must be True here"),
        ("CreateProcessInstance", {"awaitCompletion": True}, "awaitCompletion: must be False here"),
        (
            "CreateProcessInstance",
            {"processDefinitionId": "a", "processDefinitionKey": "1"},
            "only one of processDefinitionId, processDefinitionKey is allowed",
        ),
        ("DeployResource", {"resources": "text"}, "resources: is unknown"),
        ("DeployProcess", {"processes": []}, "processes: is unknown"),
        ("DeployProcess", {"tenantId": "t"}, "tenantId: is unknown"),
    ],
)
def test_a_property_that_belongs_elsewhere_is_refused(rpc: str, body: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        exchange(rpc).from_rest(dict.fromkeys(exchange(rpc).operation.keys, "1"), body)


def test_what_means_nothing_without_awaiting_is_allowed_then() -> None:
    body = {
        "processDefinitionId": "a",
        "awaitCompletion": False,
        "requestTimeout": 5,
        "fetchVariables": ["x"],
    }
    message = exchange("CreateProcessInstance").from_rest({}, body)
    assert message == exchange("CreateProcessInstance").request_class(bpmnProcessId="a", version=-1)


@pytest.mark.parametrize("reference", [0, 2**63, 2**64 - 1])
def test_an_operation_reference_that_rest_cannot_carry_is_refused(reference: int) -> None:
    for rpc in ON_REST:
        where = [place for place in corpus.request_places(rpc) if place.endswith("operationReference")]
        for place in where:
            message = corpus.request(rpc, next(iter(corpus.SHAPES.get(rpc, {""}))))
            _set(message, place, (), reference)
            with pytest.raises(InvalidRequest, match="operationReference: must be between 1 and"):
                exchange(rpc).to_rest(message)
