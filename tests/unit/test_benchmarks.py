from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

import bridge
from benchmarks import mock, peers, ring
from benchmarks.__main__ import BENCHMARKS
from benchmarks.curves import drawn
from benchmarks.gateway import Addresses, running
from benchmarks.measure import Contender, Effort, Goal, Table, compare
from benchmarks.report import PAGE, PARTS, written

TINY = Effort(rounds=1, blocks=1, share=0.01)
#: What measures whole workers does so for seconds of each, in processes of their own: no test of a unit.
QUICK = [
    # Imports start an interpreter for each, and REST's API calls every operation: ten seconds of a processor.
    pytest.param(name, marks=[pytest.mark.long] if name in ("imports", "rest_api") else [])
    for name in BENCHMARKS
    if name != "worker"
]


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


def test_a_picture_has_a_line_and_a_name_for_each_curve() -> None:
    curves = {"ours, gRPC": [(1.0, 20.0), (10.0, 2.0)], "a <rival>": [(1.0, 400.0), (10.0, 30.0)]}

    root = ElementTree.fromstring(drawn("a title", "slots", "µs", curves))

    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a title", "slots", "µs", *curves} <= set(texts)
    assert [text for text in texts if text in ("1", "2", "10", "500")] == ["2", "10", "500", "1", "10"]
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 4


def test_the_report_writes_its_own_parts_and_nothing_else() -> None:
    page = PAGE.read_text(encoding="utf-8")

    for part in PARTS:
        assert written(written(page, part, "found"), part, "found").count("\n\nfound\n\n") == 1
    assert written(page, "slots", "found").partition("### Slots")[0] == page.partition("### Slots")[0]
    with pytest.raises(ValueError, match="no place for elsewhere"):
        written(page, "elsewhere", "found")


def test_jobs_of_a_mock_gateway_have_the_size_that_is_asked_for() -> None:
    with ring.written(100_000) as path:
        found = ring.read(str(path))

    assert len(found.messages) == len(found.texts) >= 2 * ring.most_open(100_000)
    assert all(100_000 < len(each) < 101_000 for each in (*found.messages, *found.texts))


@pytest.mark.long
@pytest.mark.parametrize("kind", ["python", "native"])
def test_both_mock_gateways_take_the_same_orders(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHMARK_GATEWAY", kind)
    mock._made.cache_clear()
    if kind == "native" and mock.why_not():
        pytest.skip(mock.why_not())
    try:
        with mock.running(core=None) as gateway:
            gateway.order("flood 5")
            with (
                bridge.Client(grpc_address=gateway.grpc) as native,
                bridge.Client(rest_address=gateway.rest) as rest,
            ):
                taken = native.activate_jobs("charge", max_jobs_to_activate=3, worker="w")
                more = rest.activate_jobs("charge", max_jobs_to_activate=3, worker="w")
                native.complete_job(taken[0].job_key, {"paid": True})
                rest.complete_job(more[0].job_key, {"paid": True})
                rest.fail_job(more[1].job_key, retries=1)
            report = gateway.order("dry")
    finally:
        mock._made.cache_clear()

    assert (len(taken), len(more)) == (3, 2)
    assert (report.handed, report.completed, report.failed, report.polls) == (5, 2, 1, 2)
