# Derived from test_aio_closing_rest.py by scripts/derive_sync.py: change that file, then run the script.
"""Closing a client over REST: polls on the wire are waited for, within bounds, and what they bring goes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

import bridge
import bridge._doors.rest
from camunda_core.errors import Cancelled, InvalidRequest
from tests.fakes.rest import RestServer, stall
from tests.fakes.rest_jobs import JobGateway
from tests.unit.bridge._doors.side import Underway, until


@pytest.fixture
def gateway() -> Iterator[JobGateway]:
    with JobGateway() as made:
        yield made


@pytest.fixture
def mute() -> Iterator[RestServer]:
    """Takes requests and never answers."""
    with RestServer() as server:
        server.script(stall())
        yield server


def poll(client: bridge.Client) -> Any:
    return client.activate_jobs("work", max_jobs_to_activate=5)


def taken(jobs: Any) -> list[Any]:
    found = []
    for job in jobs:
        found.append(job)
    return found


def closing(client: bridge.Client) -> bool:
    door: Any = client._doors["rest"]
    return bool(door.background.closed)


def test_what_a_poll_on_the_wire_still_brings_is_given_back(gateway: JobGateway) -> None:
    client = bridge.Client(rest_address=gateway.address)
    polling = Underway(partial(poll, client))
    until(lambda: bool(gateway.activations), "it polls")
    closed = Underway(client.close)
    until(lambda: closing(client), "the door closes")
    assert not closed.done
    gateway.add(2)
    assert closed.ended() is None
    assert isinstance(polling.ended(), Cancelled)
    assert not gateway.locked
    assert len(gateway.available) == 2


def test_the_jobs_of_a_stream_that_nobody_took_are_given_back(gateway: JobGateway) -> None:
    gateway.add(3)
    client = bridge.Client(rest_address=gateway.address)
    jobs = client.stream_activated_jobs("work")
    until(lambda: len(gateway.locked) == 3, "they are activated")
    client.close()
    assert not gateway.locked
    assert len(gateway.available) == 3
    assert taken(jobs) == []


def test_closing_takes_no_longer_than_promised_when_the_gateway_does_not_answer(
    mute: RestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge._doors.rest, "CLOSING", 0.3)
    client = bridge.Client(rest_address=mute.address)
    streams = [client.stream_activated_jobs(each) for each in "abc"]
    polling = Underway(partial(poll, client))
    until(lambda: len(mute.requests) >= 4, "it polls")
    began = time.monotonic()
    client.close()
    assert time.monotonic() - began < 15  # on a busy machine; the gateway is silent for longer
    for stream in streams:
        assert taken(stream) == []
    del polling


def test_a_door_that_closes_ends_its_streams(gateway: JobGateway) -> None:
    client = bridge.Client(rest_address=gateway.address)
    jobs = client.stream_activated_jobs("work")
    reading = Underway(partial(taken, jobs))
    until(lambda: bool(gateway.activations), "it polls")
    closed = Underway(client._doors["rest"].close)
    assert isinstance(reading.ended(), Cancelled)
    gateway.add(1)  # ends the poll
    assert closed.ended() is None
    assert not gateway.locked
    client.close()


def test_a_client_is_closed_once_and_then_refuses_calls(gateway: JobGateway) -> None:
    client = bridge.Client(rest_address=gateway.address)
    client.close()
    client.close()
    with pytest.raises(InvalidRequest, match="this client is closed"):
        client.topology()
    with pytest.raises(InvalidRequest, match="this client is closed"):
        client.stream_activated_jobs("work")


def test_a_door_that_was_closed_opens_no_stream(gateway: JobGateway) -> None:
    client = bridge.Client(rest_address=gateway.address)
    client._doors["rest"].close()  # between the question whether the client is closed and the call
    with pytest.raises(Cancelled, match="the channel is closed") as caught:
        client.stream_activated_jobs("work")
    assert not caught.value.sent
    with pytest.raises(Cancelled):
        poll(client)
    assert not gateway.activations
    client.close()
