from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks import peers
from benchmarks.__main__ import BENCHMARKS
from benchmarks.gateway import Addresses, running
from benchmarks.measure import Contender, Effort, Goal, Table, compare

TINY = Effort(rounds=1, blocks=1, share=0.01)
#: What measures whole workers does so for seconds of each, in processes of their own: no test of a unit.
QUICK = [name for name in BENCHMARKS if name != "worker"]


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with running() as found:
        yield found


@pytest.fixture
def no_environments_of_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> None:
        raise peers.Absent("no peer is installed by a test")

    monkeypatch.setattr(peers, "interpreter", absent)


@pytest.mark.usefixtures("no_environments_of_peers")
@pytest.mark.parametrize("name", QUICK)
def test_every_benchmark_measures_all_of_its_contenders(name: str, addresses: Addresses) -> None:
    tables = BENCHMARKS[name](addresses, TINY)

    assert tables
    for table in tables:
        assert len(table.figures) >= 2
        assert all(len(figures) == TINY.rounds for figures in table.figures.values())
        named = table.figures.keys() | table.missing.keys()
        assert {name for goal in table.goals for name in (goal.contender, goal.base)} <= named


@pytest.mark.usefixtures("no_environments_of_peers")
def test_a_peer_that_is_absent_is_named_with_the_reason(addresses: Addresses) -> None:
    sync, many = BENCHMARKS["calls"](addresses, TINY)

    for table in (sync, many):
        assert "| official SDK" in table.markdown()
        assert "not measured: no peer is installed by a test" in table.markdown()
        assert all(ratio is None for _, ratio in table.verdicts())


def test_ratios_compare_within_a_round() -> None:
    goal = Goal("G", "ours", "theirs", 2.0)
    table = Table("a title", "µs a call", ("theirs",), [goal])
    seconds = {"theirs": iter([0.0, 1.0, 10.0, 1.0]), "ours": iter([0.0, 2.0, 30.0, 0.5])}

    def contender(name: str) -> Contender:
        return Contender(name, lambda count: count * next(seconds[name]) / 1e6, block=100)

    compare(table, [contender("theirs"), contender("ours")], Effort(rounds=3, blocks=1))

    assert table.figures["theirs"] == pytest.approx([1.0, 10.0, 1.0])
    assert table.figures["ours"] == pytest.approx([2.0, 30.0, 0.5])
    assert table.verdicts() == [(goal, pytest.approx(2.0))]
