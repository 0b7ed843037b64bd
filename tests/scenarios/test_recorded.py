"""The embedded gateway against what both wires of a real 8.6.0 said: every recorded call, field by field.

The recording (``tests/data/recorded``, November 2026) is the reference of the scenarios; that all other paths say the same as these
two on one gateway is what the scenarios themselves compare.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateways.base import GRPC, REST, Gateway
from tests.gateways.registry import on_gateways
from tests.record import golden
from tests.record.golden import Call, TranscodingCaller
from tests.record.proxy import Proxy
from tests.scenarios.callers import Caller
from tests.scenarios.paths import BY_NAME, NATIVE
from tests.scenarios.stage import Scenario

RECORDED = golden.read()
#: Back-pressure and paused processing are played back by the gateway ``recorded`` instead (``test_pressure``).
PLAYED_BACK = {
    "test_every_command_feels_back_pressure",
    "test_a_paused_broker_refuses_commands_and_finds_no_jobs",
}
PLAYED = [each for each in golden.scenarios() if each.name not in PLAYED_BACK]

#: JSON in text: its spelling and the order of its names are the gateway's own (``json-spelling`` of the published differences).
_JSON_TEXTS = {"variables", "customHeaders"}
#: What a parser says of an expression that it cannot read is in its own words, and in none that a client could act on.
_PARSER = re.compile(r"(failed to parse expression '[^']*': ).*")


@pytest.fixture(scope="module")
def callers(gateway: Gateway) -> Iterator[tuple[Caller, TranscodingCaller]]:
    """A caller on each wire, as the recorder has them."""
    with Proxy(gateway.rest_address) as proxy:
        native, rest = BY_NAME[NATIVE].open(gateway), TranscodingCaller(proxy)
        yield native, rest
        native.close()
        rest.close()


@on_gateways("embedded", wires={GRPC, REST})
@pytest.mark.parametrize("scenario", PLAYED, ids=lambda scenario: scenario.name.removeprefix("test_"))
def test_a_recorded_scenario_is_answered_as_by_the_real_one(
    gateway: Gateway, callers: tuple[Caller, TranscodingCaller], scenario: Scenario
) -> None:
    known = known_before(scenario.name)
    said = []
    for call in golden.recorded(gateway, scenario, *callers):
        text = meant(call)
        if text not in known:
            known.add(text)
            said.append(text)
    assert said == [meant(call) for call in RECORDED.get(scenario.name, [])]


def known_before(name: str) -> set[str]:
    """The calls of earlier scenarios: the recording has each call once."""
    known: set[str] = set()
    for each in golden.scenarios():
        if each.name == name:
            return known
        known.update(meant(call) for call in RECORDED.get(each.name, []))
    raise LookupError(name)


def meant(call: Call) -> str:
    """A call as one text, without what does not count."""
    return json.dumps(_meant(call._asdict()), sort_keys=True, ensure_ascii=False)


def _meant(said: Any, name: str = "") -> Any:
    if isinstance(said, dict):
        return {each: _meant(value, each) for each, value in said.items()}
    if isinstance(said, list):
        return [_meant(value) for value in said]
    if isinstance(said, str):
        if name in _JSON_TEXTS:
            try:
                return ["as JSON", json.loads(said)]
            except ValueError:
                return said
        return _PARSER.sub(r"\1…", said)
    return said


def test_every_recorded_call_belongs_to_a_scenario_that_is_played() -> None:
    assert set(RECORDED) <= {each.name for each in PLAYED} | PLAYED_BACK
    assert {each.name for each in golden.scenarios()} >= PLAYED_BACK


def test_every_field_counts() -> None:
    """Each value of each call, changed, is noticed."""
    calls = [call for said in RECORDED.values() for call in said]
    for call in calls:
        plain = json.loads(json.dumps(call._asdict()))
        for place in _places(plain):
            changed = json.loads(json.dumps(plain))
            *way, last = place
            at = changed
            for step in way:
                at = at[step]
            at[last] = "something else"
            assert meant(Call(**changed)) != meant(call), place


def _places(said: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for name, value in items:
        if isinstance(value, (dict, list)) and value:
            yield from _places(value, (*way, name))
        else:
            yield (*way, name)
