"""The simulated fleet counts what happens, and the same seed gives the same course."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from benchmarks.fleet.clock import on_a_grid
from benchmarks.fleet.fleet import Setting, jain, simulated
from benchmarks.fleet.model import Cluster
from benchmarks.fleet.pictures import drawn

_FEW = Setting(workers=12, gateways=2, partitions=2, writes=200.0, load=20.0, slots=4, seconds=12.0)


def test_jains_index_is_one_for_equals_and_one_of_n_where_one_has_all() -> None:
    assert jain([7, 7, 7]) == pytest.approx(1.0)
    assert jain([9, 0, 0]) == pytest.approx(1 / 3)
    assert jain([0, 0]) == 0.0


def test_a_fleet_with_nothing_wrong_does_each_job_once_and_connects_once() -> None:
    course = simulated(_FEW)
    assert course.repeated == 0
    assert course.completed >= course.made - 20 > 150
    assert sum(course.counts.connects.values()) == 12
    assert not course.counts.refused


def test_the_same_seed_gives_the_same_course() -> None:
    first, second = simulated(_FEW, seed=3), simulated(_FEW, seed=3)
    assert first.counts == second.counts
    assert first.by_worker == second.by_worker


def test_a_gateway_that_goes_takes_its_connections_along_and_the_fleet_goes_on() -> None:
    async def happening(cluster: Cluster) -> None:
        await asyncio.sleep(6.0)
        cluster.stop(0)
        await asyncio.sleep(2.0)
        cluster.start(0)

    course = simulated(_FEW, happening)
    assert course.peak("connects", 6.0, 8.0) > 0 == course.peak("connects", 3.0, 5.9)
    assert course.mean("completed", 9.0, 12.0) > 15


def test_a_partition_at_its_limit_refuses_and_takes_what_it_can() -> None:
    course = simulated(Setting(workers=6, gateways=1, partitions=1, writes=50.0, slots=4, seconds=10.0))
    assert course.mean("refused", 5.0, 10.0) > 0
    assert 25 < course.mean("completed", 5.0, 10.0) <= 50


def test_a_picture_is_xml_with_a_line_for_each_curve() -> None:
    picture = drawn("a & b", {"polls": [(0.0, 1.0), (1.0, 3.0)], "connects": [(0.0, 0.0)]}, [(0.2, 0.4)])
    strokes = [each for each in ElementTree.fromstring(picture).iter() if each.get("stroke-width")]
    assert len(strokes) == 2


def test_the_clock_on_a_grid_comes_to_the_same_and_leaves_nothing_waiting_for_ever() -> None:
    exact, rough = simulated(_FEW), simulated(replace(_FEW, grid=0.001))
    assert rough.repeated == 0
    assert rough.completed == pytest.approx(exact.completed, rel=0.05)
    assert simulated(replace(_FEW, grid=0.001)).counts == rough.counts


def test_moments_on_a_grid_are_never_before_those_that_were_asked_for() -> None:
    async def run() -> list[tuple[float, float]]:
        loop, found = asyncio.get_running_loop(), []
        for length in (0.0, 1e-12, 0.0004, 0.001, 0.0011, 0.3):
            until = loop.time() + length
            while loop.time() < until:  # noqa: ASYNC110  it is the sleep that is tested
                await asyncio.sleep(until - loop.time())
            found.append((loop.time(), until))
        return found

    for reached, until in on_a_grid(run(), 0.001):
        assert until <= reached < until + 0.0021
