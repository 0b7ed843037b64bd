"""Shares: how they are written, how many calls they take, and that a key stays where it is."""

from __future__ import annotations

import math
import random
import subprocess
import sys

import pytest

import bridge
from bridge._canary.shares import Share, place_of, share_in
from bridge._client.caller import Caller
from bridge._dropin.dispatch import Dispatch
from bridge._dropin.method import Method
from bridge._table.mapping import ROWS
from camunda_core.errors import ConfigurationError
from camunda_grpc import gateway_pb2 as pb

FIRST_KEY = 2**51 + 1
#: A share is right within so many standard deviations; five are passed once in two million times.
SIGMAS = 5


def within(count: int, of: int, part: float) -> bool:
    """Whether so many of so many are what a binomial distribution gives."""
    return abs(count - of * part) <= SIGMAS * math.sqrt(of * part * (1 - part))


def read(routes: str) -> bridge.Routes:
    return bridge.Routes.read(routes, rest=True, grpc=True)


@pytest.mark.parametrize("part", [0.01, 0.05, 0.5, 0.9])
def test_keys_in_a_row_are_spread_as_the_share_says(part: float) -> None:
    share, total = Share("rest", part), 20_000
    for step in (1, 7, 2**13):  # the keys of one type come in steps
        taken = sum(share.of(FIRST_KEY + each * step) == "rest" for each in range(total))
        assert within(taken, total, part)


@pytest.mark.parametrize("part", [0.05, 0.5])
def test_calls_without_a_key_are_drawn(part: float) -> None:
    draw = random.Random(20261129).random
    taken = sum(Share("grpc", part).of(None, draw) == "grpc" for _ in range(20_000))
    assert within(taken, 20_000, part)


def test_a_key_is_on_the_same_wire_in_every_process_and_a_larger_share_keeps_it() -> None:
    keys = [FIRST_KEY + each for each in range(50)]
    code = f"from bridge._canary.shares import place_of; print([place_of(k) for k in {keys}])"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == str([place_of(key) for key in keys])
    five = {key for key in keys if Share("rest", 0.3).of(key) == "rest"}
    assert five <= {key for key in keys if Share("rest", 0.6).of(key) == "rest"}


def test_a_share_is_read_and_written() -> None:
    routes = read("grpc, CompleteJob=rest:5%, job:charge=rest:12.5%")
    assert str(routes) == "grpc, CompleteJob=rest:5%, job:charge=rest:12.5%"
    assert read(str(routes)) == routes
    assert routes.wires_of("CompleteJob") == {"rest", "grpc"}
    assert routes.wires_of("FailJob") == {"grpc"}
    assert routes.shared
    assert read("grpc, Topology=rest:0%").of("Topology") == "grpc"
    assert read("grpc, Topology=rest:100%").of("Topology") == "rest"
    assert read("rest:20%").wires() == {"rest", "grpc"}


@pytest.mark.parametrize(
    "text", ["rest:101%", "rest:5", "off:5%", "rest:-1%", "rest:%", "rest: 5%", "tcp:5%"]
)
def test_what_is_no_share_is_refused(text: str) -> None:
    assert share_in(text) is None
    with pytest.raises(ConfigurationError, match="or a share such as rest:5%"):
        read(f"grpc, Topology={text}")


def test_a_share_needs_both_wires() -> None:
    with pytest.raises(ConfigurationError, match="needs a rest address"):
        bridge.Routes.read("grpc, Topology=rest:5%", rest=False, grpc=True)
    with pytest.raises(ConfigurationError, match="cannot be served in full"):
        bridge.Routes.read("grpc, SetVariables=rest:5%", rest=True, grpc=True, strict=True)


def test_a_client_and_a_stub_decide_a_key_alike() -> None:
    routes = read("grpc, CompleteJob=rest:50%, CancelProcessInstance=rest:50%")
    caller, dispatch = Caller(routes, bridge.Client), Dispatch(routes, native=True, rest=True)
    complete, cancel = (Method(rpc, None, None) for rpc in ("CompleteJob", "CancelProcessInstance"))
    seen = set()
    for key in range(FIRST_KEY, FIRST_KEY + 100):
        wire = routes.of("CompleteJob", key=key)
        seen.add(wire)
        assert dispatch.wire_of(complete, pb.CompleteJobRequest(jobKey=key)) == wire
        assert dispatch.wire_of(cancel, pb.CancelProcessInstanceRequest(processInstanceKey=key)) == wire
        assert caller._wire(ROWS["CompleteJob"], {"job_key": str(key)}) == wire
    assert seen == {"rest", "grpc"}
