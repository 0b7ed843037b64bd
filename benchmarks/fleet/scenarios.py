"""What the fleet goes through, and what is said of it. Each gives a heading, sentences, a table and curves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from statistics import median

from benchmarks.fleet.fleet import Course, Setting, jain, simulated
from benchmarks.fleet.model import Cluster

__all__ = ["SCENARIOS", "Told"]

Curve = list[tuple[float, float]]


@dataclass(frozen=True)
class Told:
    """``curves`` by name: moments (s) and rates (1/s); none is no picture. ``cpu``: seconds that it took."""

    title: str
    text: str
    rows: list[tuple[str, str]]
    curves: dict[str, Curve]
    shaded: list[tuple[float, float]]
    cpu: float


def _loss(course: Course) -> list[tuple[str, str]]:
    left = course.made - course.completed - course.locked
    return [
        (
            "jobs made, completed, run more than once",
            f"{course.made:,}, {course.completed:,}, {course.repeated:,}",
        ),
        ("jobs that wait or are in hand at the end", f"{left:,} and {course.locked:,}"),
    ]


def _rate(value: float) -> str:
    return f"{value:,.0f}/s"


_HERD = Setting(load=500.0, slots=8, seconds=24.0)


def outage() -> Told:
    """All gateways are gone for 8 s."""

    async def happening(cluster: Cluster) -> None:
        await asyncio.sleep(10.0)
        for each in range(3):
            cluster.stop(each)
        await asyncio.sleep(8.0)
        for each in range(3):
            cluster.start(each)

    course = simulated(_HERD, happening)
    before = course.mean("polls", 6.0, 10.0)
    back = next(
        (at for at, rate in course.per_second("completed") if at >= 18.0 and rate >= _HERD.load),
        _HERD.seconds,
    )
    rows = [
        ("polls before, the mean", _rate(before)),
        (
            "connects as it breaks, the peak (one a worker is 2,000)",
            _rate(course.peak("connects", 10.0, 11.0)),
        ),
        ("connects while it is away, the mean", _rate(course.mean("connects", 12.0, 18.0))),
        ("connects in the 2 s after its return, the peak", _rate(course.peak("connects", 18.0, 20.0))),
        ("polls in the 2 s after its return, the peak", _rate(course.peak("polls", 18.0, 20.0))),
        ("from its return until as many jobs are done as come", f"{back - 18.0:.1f} s"),
        *_loss(course),
    ]
    return Told(
        "An outage and a return",
        "2,000 workers, 500 jobs a second; all three gateways are gone from second 10 to 18.",
        rows,
        {each: course.per_second(each) for each in ("connects", "polls", "completed")},
        [(10.0, 18.0)],
        course.took,
    )


def rolling() -> Told:
    """Each gateway is gone for 3 s, one after the other."""

    async def happening(cluster: Cluster) -> None:
        await asyncio.sleep(8.0)
        for each in range(3):
            cluster.stop(each)
            await asyncio.sleep(3.0)
            cluster.start(each)
            await asyncio.sleep(2.0)

    course = simulated(_HERD, happening)
    rows = [
        (
            "jobs done, the mean from the first stop to the last start",
            _rate(course.mean("completed", 8.0, 21.0)),
        ),
        ("connects, the peak", _rate(course.peak("connects", 8.0, 23.0))),
        (
            "polls, mean before and peak during",
            f"{_rate(course.mean('polls', 6.0, 8.0))} and {_rate(course.peak('polls', 8.0, 23.0))}",
        ),
        *_loss(course),
    ]
    return Told(
        "A rolling restart",
        "The same fleet; each of the three gateways is killed in turn and is back 3 s later.",
        rows,
        {each: course.per_second(each) for each in ("connects", "polls", "completed")},
        [(8.0, 11.0), (13.0, 16.0), (18.0, 21.0)],
        course.took,
    )


def slow_partition() -> Told:
    """One of four partitions takes 1.5 s for everything."""

    async def happening(cluster: Cluster) -> None:
        await asyncio.sleep(10.0)
        cluster.partitions[0].latency = 1.5
        await asyncio.sleep(8.0)
        cluster.partitions[0].latency = cluster.latency

    course = simulated(_HERD, happening)
    rows = [
        (
            "jobs done before, while it is slow, and after",
            ", ".join(_rate(course.mean("completed", a, b)) for a, b in ((6, 10), (12, 18), (20, 24))),
        ),
        *_loss(course),
    ]
    return Told(
        "A slow partition",
        "The same fleet; from second 10 to 18 one of the four partitions takes 1.5 s for everything.",
        rows,
        {each: course.per_second(each) for each in ("polls", "completed")},
        [(10.0, 18.0)],
        course.took,
    )


_FULL = Setting(workers=100, partitions=4, writes=250.0, slots=8, seconds=16.0)


def _refused(course: Course) -> str:
    begun, ended = course.begun, course.setting.seconds
    refused, written = course.mean("refused", begun, ended), course.mean("written", begun, ended)
    return f"{_rate(refused)}, {refused / written:.1f} for each that is taken"


def _shares(course: Course) -> list[tuple[str, str]]:
    setting = course.setting
    capacity = setting.writes * setting.partitions
    done = course.mean("completed", course.begun, setting.seconds)
    written = course.mean("written", course.begun, setting.seconds)
    polls = course.mean("polls", course.begun, setting.seconds)
    return [
        ("commands that the partitions take at most", _rate(capacity)),
        ("taken", f"{_rate(written)}, {100 * written / capacity:.0f} % of that"),
        ("jobs done", _rate(done)),
        ("polls", _rate(polls)),
        ("refused, of all workers together", _refused(course)),
    ]


def full() -> Told:
    """More jobs than the partitions can take."""
    course = simulated(_FULL)
    shares = sorted(course.by_worker)
    rows = [
        *_shares(course),
        ("Jain's index of the workers' shares", f"{jain(shares):.3f}"),
        ("jobs of a worker: least, median, most", f"{shares[0]}, {median(shares):.0f}, {shares[-1]}"),
        ("jobs run more than once", f"{course.repeated}"),
    ]
    return Told(
        "Back-pressure",
        "100 workers of 8 slots, and always more jobs than four partitions of 250 commands a second can do.",
        rows,
        {each: course.per_second(each) for each in ("completed", "refused")},
        [],
        course.took,
    )


def noisy() -> Told:
    """One worker has 64 times the slots of the others."""
    setting = Setting(workers=100, partitions=4, writes=250.0, slots=8, noisy=512, seconds=16.0)
    course = simulated(setting)
    others = course.by_worker[1:]
    rows = [
        *_shares(course),
        (
            "jobs of the noisy worker, and of the median other",
            f"{course.by_worker[0]} and {median(others):.0f}",
        ),
        ("Jain's index of the others", f"{jain(others):.3f}"),
    ]
    return Told(
        "A noisy worker", "The same, and one worker with 512 slots among them.", rows, {}, [], course.took
    )


def many() -> Told:
    """2,000 workers at the limit, behind few gateways and many, one of which goes."""
    rows: list[tuple[str, str]] = []
    curves: dict[str, Curve] = {}
    took = 0.0
    for gateways in (1, 2, 5, 10):

        async def happening(cluster: Cluster) -> None:
            await asyncio.sleep(9.0)
            cluster.stop(0)
            await asyncio.sleep(2.0)
            cluster.start(0)

        course = simulated(Setting(gateways=gateways, slots=4, seconds=14.0, grid=0.001), happening)
        written = course.mean("written", course.begun, 9.0)
        after = course.mean("written", 12.0, 14.0)
        capacity = course.setting.writes * course.setting.partitions
        shares = sorted(course.by_worker)
        took += course.took
        name = f"{gateways} gateway{'s' if gateways > 1 else ''}"
        curves[name] = course.per_second("completed")
        rows += [
            (
                f"{name}: taken before, and from 1 s after its return",
                f"{100 * written / capacity:.0f} % and {100 * after / capacity:.0f} % of {_rate(capacity)}",
            ),
            (f"{name}: refused", _refused(course)),
            (f"{name}: connects as it goes, the peak", _rate(course.peak("connects", 9.0, 10.0))),
            (
                f"{name}: Jain's index; jobs of a worker: least, median, most",
                f"{jain(shares):.3f}; {shares[0]}, {median(shares):.0f}, {shares[-1]}",
            ),
        ]
    return Told(
        "2,000 workers at a limit, 1 to 10 gateways",
        "2,000 workers of 4 slots, and more jobs than four partitions of 500 commands a second can do. One\n"
        "of the gateways, which bound nothing themselves in this model, is gone from second 9 to 11. Moments\n"
        "are whole milliseconds here.",
        rows,
        curves,
        [(9.0, 11.0)],
        took,
    )


SCENARIOS = {
    "outage": outage,
    "rolling": rolling,
    "slow": slow_partition,
    "full": full,
    "noisy": noisy,
    "many": many,
}
