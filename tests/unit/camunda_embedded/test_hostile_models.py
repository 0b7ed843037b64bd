"""Models that go round for ever or do very much at once: ended by an incident, and done in steps that are short."""

from __future__ import annotations

import pytest

from camunda_embedded._engine.engine import Engine
from camunda_embedded._limits import PART
from camunda_embedded._service import Service
from camunda_grpc import gateway_pb2 as pb
from tests.scenarios.engine.models import (
    END,
    START,
    active,
    ad_hoc,
    begin,
    boundary,
    catch,
    element,
    end,
    escalation,
    escalation_event,
    event_subprocess,
    flow_if,
    flows,
    process,
    signal,
    signal_event,
    subprocess,
    task,
)
from tests.scenarios.engine.published_conditions import condition

AGAIN = '<exclusiveGateway id="g"/>'
PLUS_ONE = '<zeebe:script expression="=x + 1" resultVariable="x"/>'
MAIN = (START, task("a", "work"), END, flows("s>a>e"))
INNER = ('<startEvent id="ps"/>', end("pe", escalation_event("esc")), flows("ps>pe"))
COUNTED = event_subprocess(
    "h",
    begin("hs", condition("=x > 0"), interrupting=False),
    element("scriptTask", "ht", PLUS_ONE),
    '<endEvent id="he"/>',
    flows("hs>ht>he"),
)
SIGNALLED = event_subprocess(
    "h",
    begin("hs", signal_event("sig"), interrupting=False),
    end("he", signal_event("sig")),
    flows("hs>he"),
)
ROUND: dict[str, str] = {
    "a condition whose event sub-process makes it true again": process("p", *MAIN, COUNTED),
    "a condition at a border that is true whenever its task begins": process(
        "p", START, AGAIN, task("a", "work"), boundary("b", "a", condition("=x > 0"), "g"), END, flows("s>g>a>e")
    ),
    "a condition that is waited for in a circle": process(
        "p", START, AGAIN, catch("c", condition("=x > 0")), flows("s>g>c>g")
    ),
    "an escalation that leads back to what throws it": process(
        "p", START, AGAIN, subprocess("sp", *INNER), boundary("b", "sp", escalation_event("esc"), "g"), END,
        flows("s>g>sp>e"), top=escalation("esc", "X"),
    ),
    "an event sub-process that sends the signal that begins it": process(
        "p", *MAIN, SIGNALLED, top=signal("sig", "S")
    ),
    "an inclusive fork and its join in a circle": process(
        "p", START, element("inclusiveGateway", "f"), element("inclusiveGateway", "j"), element("manualTask", "m"),
        flow_if("f", "j", "=true"), flow_if("f", "m", "=true"), flows("s>f m>j>f"),
    ),
}  # fmt: skip


def running(model: str) -> tuple[Engine, Service, int]:
    engine = Engine(lambda: 1_790_000_000_000, line=(8, 9))
    service = Service(engine, "8.9.0")
    resource = pb.Resource(name="p.bpmn", content=model.encode())
    service.handle("DeployResource", pb.DeployResourceRequest(resources=[resource]))
    engine.kernel.works.turn = 0  # one step at a time
    created = service.handle(
        "CreateProcessInstance", pb.CreateProcessInstanceRequest(bpmnProcessId="p", version=-1)
    )
    return engine, service, created.processInstanceKey


def steps(engine: Engine, most: int) -> list[int]:
    """How many records each step writes until everything is done; AssertionError when it never is."""
    written: list[int] = []
    while engine.kernel.works:
        before = engine.kernel.log.position
        engine.kernel.works.go_on()
        written.append(engine.kernel.log.position - before)
        assert len(written) < most, "it goes on and on"
    return written


@pytest.mark.parametrize("model", ROUND.values(), ids=list(ROUND))
def test_what_goes_round_for_ever_ends_with_an_incident(model: str) -> None:
    engine, service, key = running(model)
    engine.kernel._max_depth = 300  # the real limit takes seconds
    steps(engine, 20_000)
    service.handle("SetVariables", pb.SetVariablesRequest(elementInstanceKey=key, variables='{"x":1}'))
    steps(engine, 20_000)
    service.handle("BroadcastSignal", pb.BroadcastSignalRequest(signalName="S"))
    steps(engine, 20_000)
    created = [r.value for r in engine.kernel.log if (r.value_type, r.intent) == ("INCIDENT", "CREATED")]
    assert created
    assert all("More than 300 steps followed" in value["errorMessage"] for value in created)


def test_thousands_of_activations_of_an_ad_hoc_sub_process_are_done_part_by_part() -> None:
    many = active('=for i in 1..3000 return "m"')
    model = process("p", START, ad_hoc("a", task("m", "work"), extra=many), END, flows("s>a>e"))
    engine, service, key = running(model)
    assert max(steps(engine, 50_000)) < 2 * PART
    assert len(engine.jobs.all) == 3_000
    service.handle("CancelProcessInstance", pb.CancelProcessInstanceRequest(processInstanceKey=key))
    assert max(steps(engine, 100_000)) < 4 * PART
    assert not engine.kernel.instances
