"""Every entry of the table is needed: without it, something that is transcoded comes out otherwise."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bridge._table import messages, transcode
from bridge._table.mapping import ABSENT, CODECS, EXPLICIT, NAMES, ROWS
from bridge._table.transcode import classes_of
from camunda_core.errors import CamundaError
from tests.contract import corpus, published
from tests.contract.corpus import ON_REST

NEWEST = published.NEWEST

#: Documents of other versions and of odd contents, beside the published ones.
ANSWERS: Mapping[str, list[Any]] = {
    "ActivateJobs": [
        {
            "jobs": [
                {"key": 5, "leaseToken": "second name", "userTask": {"userTaskKey": "uuid-of-another-system"}}
            ]
        },
        {"jobs": []},
    ],
    "EvaluateDecision": [{"decisionInstanceKey": 5}, {"failedDecisionDefinitionId": "x", "output": "null"}],
}
REQUESTS: Mapping[str, list[Any]] = {
    rpc: [{"leaseToken": "second name"}]
    for rpc in (
        "CompleteJob",
        "FailJob",
        "ThrowError",
        "UpdateJobRetries",
        "UpdateJobTimeout",
        "UpdateJobPriority",
    )
} | {
    "CreateProcessInstance": [
        {"processDefinitionId": "a", "processDefinitionKey": "1"},
        {"awaitCompletion": False},
        {"requestTimeout": 5},
        {"fetchVariables": []},
    ]
}


def entries() -> Iterator[Any]:
    """Each entry: the name of its table, the table without it, and the messages or the RPC that it concerns."""
    for table, content in (("NAMES", NAMES), ("EXPLICIT", EXPLICIT), ("ABSENT", ABSENT)):
        for message, names in content.items():
            for name in names:
                left = (
                    {each: value for each, value in names.items() if each != name}
                    if isinstance(names, Mapping)
                    else tuple(each for each in names if each != name)
                )
                yield pytest.param(table, {**content, message: left}, message, id=f"{table}-{message}.{name}")
                other = names[name] if isinstance(names, Mapping) else ""
                for second in other[1:] if isinstance(other, tuple) else ():
                    fewer = tuple(each for each in other if each != second)
                    left = {**names, name: fewer}
                    yield pytest.param(
                        table, {**content, message: left}, message, id=f"{table}-{message}.{second}"
                    )
    for message in CODECS:
        left = {each: codec for each, codec in CODECS.items() if each != message}
        yield pytest.param("CODECS", left, message, id=f"CODECS-{message}")
    for rpc in ON_REST:
        row = ROWS[rpc]
        for field in (
            "lift",
            "inside",
            "always",
            "silent",
            "choice",
            "required",
            "files",
            "messages",
            "unanswered",
        ):
            empty = type(getattr(row, field))() if getattr(row, field) is not None else None
            if getattr(row, field) == empty:
                continue
            blank = None if field == "files" else empty
            without = {**ROWS, rpc: dataclasses.replace(row, **{field: blank})}
            yield pytest.param("ROWS", without, rpc, id=f"ROWS-{rpc}.{field}")


@pytest.mark.parametrize(("table", "without", "concerns"), list(entries()))
def test_an_entry_of_the_table_changes_something(
    table: str, without: Any, concerns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rpcs = [rpc for rpc in ON_REST if rpc == concerns or concerns in messages_of(rpc)]
    assert rpcs
    before = [observations(rpc) for rpc in rpcs]
    try:
        with monkeypatch.context() as patch:
            patch.setattr(transcode if table == "ROWS" else messages, table, without)
            _forget()
            after = [_observed(rpc) for rpc in rpcs]
    finally:
        _forget()
    assert before != after


def _forget() -> None:
    messages.codecs_made.clear()
    transcode.exchange.cache_clear()


@functools.cache
def messages_of(rpc: str) -> frozenset[str]:
    """The messages that the request and the answer of an RPC are made of."""
    pending = [cls.DESCRIPTOR for cls in classes_of(rpc)]
    found: set[str] = set()
    while pending:
        message = pending.pop()
        name = message.full_name.partition(".")[2]
        if name not in found:
            found.add(name)
            pending += [each.message_type for each in message.fields if each.message_type is not None]
    return frozenset(found)


@functools.cache
def documents(rpc: str) -> list[Any]:
    """The REST requests of the RPC, as the whole table makes them."""
    return [
        transcode.exchange(rpc).to_rest(corpus.request(rpc, shape)) for shape in corpus.SHAPES.get(rpc, [""])
    ]


@functools.cache
def requests(rpc: str) -> list[Any]:
    """Request messages: an empty one, complete ones, and ones whose parts are there but empty."""
    complete = [corpus.request(rpc, shape) for shape in corpus.SHAPES.get(rpc, [""])]
    return [classes_of(rpc)[0](), *complete, *corpus.hollow_requests(rpc)]


@functools.cache
def answers(rpc: str) -> list[Any]:
    """REST answers: none, a published one, and those of other versions."""
    return [None, corpus.published_answer(rpc, NEWEST), *ANSWERS.get(rpc, ())]


@functools.cache
def observations(rpc: str) -> list[str]:
    """What the whole table makes of everything there is for an RPC."""
    return _observed(rpc)


def _observed(rpc: str) -> list[str]:
    return [_told(each) for each in _attempts(rpc)]


def _told(attempt: Any) -> str:
    try:
        result = attempt()
        return f"{len(result)} {result}" if isinstance(result, list) else repr(result)
    except (CamundaError, AttributeError, KeyError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def _attempts(rpc: str) -> Iterator[Any]:
    def of(method: str, *arguments: Any) -> Any:
        return lambda: getattr(transcode.exchange(rpc), method)(*arguments)

    for request in requests(rpc):
        yield of("to_rest", request)
    keys = dict.fromkeys(ROWS[rpc].operation.keys, "1")  # type: ignore[union-attr]
    for body in ({}, *REQUESTS.get(rpc, ())):
        yield of("from_rest", keys, body)
    for rest in documents(rpc):
        yield of("from_rest", rest.path, rest.body, rest.files)
    for answer in (classes_of(rpc)[1](), corpus.answer(rpc)):
        yield of("answer_to_rest", answer)
    for data in answers(rpc):
        yield of("messages_from_rest", data)
