"""The vocabulary on the log of an embedded gateway."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import bridge
from camunda_core.errors import InvalidRequest
from camunda_embedded import EmbeddedGateway
from camunda_embedded.testing import InstanceAssert, assert_that, until, using
from camunda_embedded.testing._source import source_of
from tests.unit.camunda_embedded.testing.models import ORDER


class Shop:
    """A gateway with the process, and a client."""

    def __init__(self, gateway: EmbeddedGateway, client: bridge.Client) -> None:
        self.gateway, self.client = gateway, client

    def order(self, **variables: Any) -> Any:
        return self.client.create_process_instance("order", variables=variables)


@pytest.fixture
def shop(camunda_gateway: EmbeddedGateway, camunda_client: bridge.Client) -> Iterator[Shop]:
    camunda_client.deploy_resource(("order.bpmn", ORDER.encode()))
    camunda_gateway.mock_decision("rating", {"stars": 5})
    camunda_gateway.mock_process("shipping", {"parcel": 'p<1> & "2"\n'})
    return Shop(camunda_gateway, camunda_client)


def test_an_instance_is_followed_from_its_start_to_its_end(shop: Shop) -> None:
    charge = shop.gateway.mock_worker("charge", result=lambda job: {"charged": job.variables["total"] * 2})
    order = shop.order(total=12)
    (
        assert_that(order)
        .is_active()
        .has_completed("charge", times=1)
        .is_waiting_only_at("wait")
        .is_not_waiting_at("charge", "approve")
        .has_variables({"total": 12, "charged": 24})
        .has_no_variable("rate")
        .has_not_reached("approve", "lost")
        .has_no_incident()
    )
    assert [job.variables for job in charge.jobs] == [{"total": 12}]
    shop.gateway.advance("2d")
    approved = assert_that(order).is_waiting_at("approve").has_variable("parcel", 'p<1> & "2"\n')
    approved.decision("rating").is_evaluated().has_output({"stars": 5})
    approved.called("shipping").is_completed()
    task = approved.user_task("approve").is_created().has_assignee("ada")
    task.has_candidate_groups("boss", "staff").has_candidate_users().has_priority(50)
    shop.client.complete_user_task(task.key)
    task.is_completed()
    ended = assert_that(order).is_completed().has_taken("f1", "f6", times=1)
    ended.has_completed_in_order("ordered", "wait", "done")


def test_until_moves_the_clock_and_not_beyond_its_limit(shop: Shop) -> None:
    shop.gateway.mock_worker("charge")
    order = shop.order()
    before = shop.gateway.clock.now()
    with pytest.raises(AssertionError, match="within 1d"):
        assert_that(order).until("1d").is_waiting_at("approve")
    assert shop.gateway.clock.now() - before < 86_400_000
    assert_that(order).until("2d").is_waiting_at("approve")
    assert_that(order).is_waiting_at("approve")
    until(lambda: True)
    with pytest.raises(AssertionError, match="the condition does not hold within PT1H"):
        until(lambda: False, "PT1H")


def test_a_mock_worker_throws_the_error_that_it_is_given(shop: Shop) -> None:
    mock = shop.gateway.mock_worker("charge", error="REFUSED", message="no")
    assert_that(shop.order()).is_completed().has_terminated("charge").has_completed("lost").has_taken(
        "f-refused"
    )
    assert mock.count == 1


def test_a_mock_worker_fails_like_a_handler_that_raises(shop: Shop) -> None:
    mock = shop.gateway.mock_worker("charge", raises=ValueError("no card"))
    failed = assert_that(shop.order()).is_waiting_at("charge")
    failed.has_incident(at="charge", type="JOB_NO_RETRIES", message="ValueError: no card")
    assert [job.retries for job in mock.jobs] == [2, 1]
    with pytest.raises(AssertionError, match="there should be an incident at 'wait'"):
        failed.has_incident(at="wait")
    with pytest.raises(AssertionError, match="there should be no incident at charge"):
        failed.has_no_incident()


def test_a_result_that_raises_or_is_no_json_fails_the_job(shop: Shop) -> None:
    mock = shop.gateway.mock_worker("charge", result=lambda job: {"x": object()})
    assert_that(shop.order()).has_incident(message="InvalidRequest: result cannot be written as JSON")
    mock.stop()
    assert_that(shop.order()).is_waiting_at("charge").has_no_incident()
    shop.gateway.mock_worker("charge", result={"late": True})  # takes what waits already
    assert_that(process="order").has_variable("late", True)


def test_a_failure_says_what_the_instance_did_and_where_it_stands(shop: Shop) -> None:
    order = shop.order(total=12, note="x" * 500)
    with pytest.raises(AssertionError) as failed:
        assert_that(order).is_completed()
    text = str(failed.value)
    assert text.startswith("it should be COMPLETED, and is ACTIVE\n")
    for line in (
        f"process order, instance {order.process_instance_key}: ACTIVE",
        "    charge (SERVICE_TASK); job charge is CREATED, retries 2",
        "    ordered (START_EVENT) COMPLETED",
        "    total = 12",
        "  incidents: none",
    ):
        assert line in text.splitlines()
    assert len(text) < 1000
    assert assert_that(order).describe() in text


@pytest.mark.parametrize(
    "wrong",
    [
        lambda a: a.is_terminated(),
        lambda a: a.is_waiting_at("charge", "approve"),
        lambda a: a.is_waiting_only_at("approve"),
        lambda a: a.is_not_waiting_at("charge"),
        lambda a: a.has_completed("charge"),
        lambda a: a.has_completed("ordered", times=2),
        lambda a: a.has_not_reached("charge"),
        lambda a: a.has_completed_in_order("charge", "ordered"),
        lambda a: a.has_taken("f2"),
        lambda a: a.has_variable("total", 13),
        lambda a: a.has_variable("paid", 1),
        lambda a: a.has_variable("nothing"),
        lambda a: a.has_variable_that("total", lambda total: total > 12),
        lambda a: a.has_no_variable("total"),
        lambda a: a.user_task("approve").is_created(),
        lambda a: a.decision("rating").is_evaluated(),
        lambda a: a.called("shipping").is_active(),
    ],
)
def test_what_does_not_hold_fails(shop: Shop, wrong: Any) -> None:
    order = shop.order(total=12, paid=True)
    with pytest.raises(AssertionError):
        wrong(assert_that(order))


def test_a_worker_that_is_at_work_is_waited_for(shop: Shop) -> None:
    order = shop.order()
    job = next(iter(shop.client.activate_jobs("charge", max_jobs_to_activate=1, timeout=60, worker="w")))
    threading.Timer(0.1, shop.client.complete_job, [job.job_key]).start()
    assert_that(order).has_completed("charge")


def test_an_answer_between_a_look_and_its_judgement_is_seen(shop: Shop) -> None:
    order = shop.order()
    job = next(iter(shop.client.activate_jobs("charge", max_jobs_to_activate=1, timeout=60, worker="w")))
    answers = [job.job_key]
    source = source_of(shop.gateway)

    class Late:
        """A source where the worker answers just when it is asked whether it is at rest."""

        def __getattr__(self, name: str) -> Any:
            return getattr(source, name)

        def at_rest(self) -> bool:
            while answers:
                shop.client.complete_job(answers.pop())
            return source.at_rest()

    assert_that(order, on=Late()).has_completed("charge")
    assert not answers


def test_what_cannot_be_meant_is_refused_before_anything_is_read(shop: Shop) -> None:
    for wrong in (
        lambda: assert_that(),
        lambda: assert_that(1, process="order"),
        lambda: assert_that("order"),
        lambda: assert_that(True),
        lambda: assert_that(process=""),
        lambda: assert_that(1, on=object()),
        lambda: assert_that(1, patience=-1),
        lambda: assert_that(1).until("soon"),
        lambda: assert_that(1).until("P-1D"),
        lambda: assert_that(1).has_completed("a", times=True),
        lambda: shop.gateway.mock_worker("charge", error="X", raises=ValueError()),
        lambda: shop.gateway.mock_worker(""),
        lambda: shop.gateway.mock_worker("charge", result=[1]),  # type: ignore[arg-type]
        lambda: shop.gateway.mock_decision("a b", 1),
        lambda: shop.gateway.mock_process("p", {"a": object()}),
        lambda: shop.gateway.advance("tomorrow"),
    ):
        with pytest.raises(InvalidRequest):
            wrong()
    with pytest.raises(AssertionError, match="there is no process instance 12"):
        assert_that(12).is_active()


def test_without_a_place_to_look_that_is_said() -> None:
    with pytest.raises(InvalidRequest, match=r"on=gateway"):
        assert_that(1)


def test_two_gateways_are_kept_apart() -> None:
    with EmbeddedGateway() as one, EmbeddedGateway() as other, using(one):
        one.mock_process("p", {"where": "one"})
        other.mock_process("p", {"where": "other"})
        for gateway in (one, other):
            gateway.run(lambda g=gateway: g._known_engines()[0].creation.create("p", 0, -1, {}, [], None))  # type: ignore[misc]
        assert_that(process="p").has_variable("where", "one")
        assert_that(process="p", on=other).has_variable("where", "other")


def test_every_method_of_the_vocabulary_is_documented() -> None:
    for name, value in vars(InstanceAssert).items():
        assert name.startswith("_") or value.__doc__, name
