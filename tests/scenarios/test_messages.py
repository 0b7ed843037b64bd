"""Messages, signals and timers, the same on every path."""

from __future__ import annotations

import json

from tests.gateways.base import CLOCK
from tests.scenarios.paths import NATIVE
from tests.scenarios.stage import TENANT, Case, scenario


def deploy_waiting(case: Case) -> tuple[str, str, str]:
    """A process that waits for a message: its id, the message's name and the job type behind it."""
    process, message, thank = case.name("payment"), case.name("paid"), case.name("thank")
    case.deploy(case.resource("message", process=process, message=message, job=thank))
    return process, message, thank


@scenario()
def test_a_message_correlates_by_its_key(case: Case) -> None:
    process, message, thank = deploy_waiting(case)
    instances = [case.start(process, {"orderId": f"o-{number}"}) for number in (1, 2)]
    answer = case.call(
        "PublishMessage",
        name=message,
        correlationKey="o-2",
        timeToLive=60_000,
        messageId=case.name("id"),
        variables='{"amount":12.5}',
    )
    assert answer.key
    job = case.job(thank)
    assert job.processInstanceKey == instances[1]
    assert json.loads(job.variables) == {"orderId": "o-2", "amount": 12.5}
    assert case.poll(type=thank) == []


@scenario()
def test_a_message_waits_for_its_instance(case: Case) -> None:
    process, message, thank = deploy_waiting(case)
    case.call("PublishMessage", name=message, correlationKey="o-1", timeToLive=60_000, tenantId=TENANT)
    case.start(process, {"orderId": "o-1"})
    assert json.loads(case.job(thank).variables) == {"orderId": "o-1"}


@scenario(features={CLOCK})
def test_a_message_id_counts_as_long_as_the_message_lives(case: Case) -> None:
    fields = {
        "name": case.name("paid"),
        "correlationKey": "o-1",
        "messageId": case.name("id"),
        "timeToLive": 3_600_000,
    }
    case.call("PublishMessage", **fields)
    case.refused("PublishMessage", **fields)
    case.call("PublishMessage", **(fields | {"correlationKey": "o-2"}))
    case.gateway.clock.add(3601)

    def published() -> bool:
        try:
            return bool(case.call("PublishMessage", **fields).key)
        except Exception as error:
            assert "already published" in str(error)
            return False

    case.eventually(published, "the message expired")


@scenario()
def test_a_message_starts_an_instance(case: Case) -> None:
    process, message, greet = case.name("greeting"), case.name("ordered"), case.name("greet")
    case.deploy(case.resource("message-start", process=process, message=message, job=greet))
    case.call("PublishMessage", name=message, variables='{"a":1}')
    job = case.job(greet)
    assert (job.bpmnProcessId, json.loads(job.variables)) == (process, {"a": 1})


@scenario()
def test_a_message_may_live_for_no_time(case: Case) -> None:
    for time_to_live in (0, -1):
        case.call("PublishMessage", name=case.name("paid"), correlationKey="x", timeToLive=time_to_live)


@scenario()
def test_a_signal_reaches_everyone_who_waits(case: Case) -> None:
    process, signal, enter = case.name("doors"), case.name("open"), case.name("enter")
    case.deploy(case.resource("signal", process=process, signal=signal, job=enter))
    for number in (1, 2):
        case.start(process, {"number": number})
    assert case.call("BroadcastSignal", signalName=signal, variables='{"open":true}').key
    jobs = case.jobs(enter, 2)
    assert [json.loads(job.variables) for job in jobs] == [
        {"number": number, "open": True} for number in (1, 2)
    ]


@scenario()
def test_a_signal_may_reach_nobody(case: Case) -> None:
    case.call("BroadcastSignal", signalName=case.name("nobody"))
    case.call("BroadcastSignal", signalName=case.name("nobody"), tenantId=TENANT)
    if case.path.reference == NATIVE:  # the client wants a name
        case.call("BroadcastSignal", signalName="")


@scenario(features={CLOCK})
def test_a_timer_fires_when_the_clock_has_come_so_far(case: Case) -> None:
    process, remind = case.name("reminder"), case.name("remind")
    case.deploy(case.resource("timer", process=process, job=remind, duration="PT2H"))
    case.start(process)
    case.gateway.clock.add(3600)
    assert case.poll(type=remind) == []
    case.gateway.clock.add(3601)
    assert case.job(remind).elementId == "remind"
