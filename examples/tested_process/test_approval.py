"""Every path of an order. No test waits: workers are mocks, and the clock is moved."""

from collections.abc import Callable

import bridge
from bridge.models import ProcessInstance
from camunda_embedded import EmbeddedGateway
from camunda_embedded.testing import assert_that

Order = Callable[[float], ProcessInstance]


def test_a_small_order_is_charged_at_once(camunda_gateway: EmbeddedGateway, order: Order) -> None:
    charge = camunda_gateway.mock_worker("charge-card", result={"paid": True})
    small = assert_that(order(12)).is_completed().has_not_reached("approve")
    small.has_completed("charge", times=1).has_variable("paid", True)
    assert charge.jobs[0].variables == {"total": 12}


def test_a_large_order_is_charged_when_sales_has_approved_it(
    camunda_gateway: EmbeddedGateway, camunda_client: bridge.Client, order: Order
) -> None:
    camunda_gateway.mock_worker("charge-card")
    large = assert_that(order(5000)).is_waiting_only_at("approve")
    task = large.user_task("approve").is_created().has_candidate_groups("sales")
    camunda_client.complete_user_task(task.key)
    large.is_completed().has_completed_in_order("approve", "charge", "paid")


def test_an_order_that_nobody_approves_is_cancelled_after_three_days(
    camunda_gateway: EmbeddedGateway, order: Order
) -> None:
    late = assert_that(order(5000))
    camunda_gateway.advance("2d")
    late.is_waiting_at("approve")
    late.until("1d").is_completed().has_completed("cancelled")


def test_a_bank_that_does_not_answer_is_an_incident(camunda_gateway: EmbeddedGateway, order: Order) -> None:
    camunda_gateway.mock_worker("charge-card", raises=ConnectionError("the bank is closed"))
    assert_that(order(12)).has_incident(at="charge", type="JOB_NO_RETRIES", message="the bank is closed")
