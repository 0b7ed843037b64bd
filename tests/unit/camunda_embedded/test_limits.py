"""What is large, endless or slow: it is bounded, and others are answered meanwhile."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import grpc
import pytest

from camunda_embedded import Clock, EmbeddedGateway
from camunda_embedded import _dmn as dmn
from camunda_embedded import _limits as limits
from camunda_embedded._bpmn.loops import endless_loop
from camunda_embedded._bpmn.parse import read
from camunda_embedded._engine import jobs
from camunda_embedded._engine.command import Command
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.work import Works
from camunda_embedded._records import EVENT, Log
from camunda_embedded._timing import parse_cycle
from camunda_grpc import gateway_pb2 as pb
from tests.scenarios.engine.models import END, START, boundary, element, flows, process, start, task, timer
from tests.unit.camunda_embedded.test_gateway import WORK, Caller

ROOT = Path(__file__).resolve().parents[3]
ROOT_OF_TIME = datetime(2030, 1, 1, tzinfo=timezone.utc)
#: Seconds in which others are answered whatever happens; generous, since tests share their machine.
SOON = 10


@pytest.fixture
def caller() -> Iterator[Caller]:
    with EmbeddedGateway() as gateway:
        made = Caller(gateway)
        yield made
        made.channel.close()


def answered_meanwhile(caller: Caller, slow: Callable[[], Any]) -> float:
    """Calls something slow, and others until it is done; the longest that one of these took, in seconds."""
    done = threading.Event()

    def run() -> None:
        try:
            slow()
        finally:
            done.set()

    thread = threading.Thread(target=run)
    worst, number = 0.0, 0
    thread.start()
    while not done.is_set() or not number:
        began = time.monotonic()
        caller.stub.Topology(pb.TopologyRequest(), timeout=60)
        key = caller.create("other")
        (job,) = caller.activate("others", wait=30_000)
        caller.stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key), timeout=60)
        assert job.processInstanceKey == key
        worst, number = max(worst, time.monotonic() - began), number + 1
    thread.join()
    return worst


def looped(task_: str, collection: str, **more: str) -> str:
    """A task with multi-instance characteristics in its place."""
    attributes = "".join(f' {name}="{value}"' for name, value in more.items())
    loop = (
        f"<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics "
        f'inputCollection="{collection}" inputElement="i"{attributes}/></extensionElements></multiInstanceLoopCharacteristics>'
    )
    head, _, tail = task_.partition("<startEvent")
    if tail:  # a sub-process, whose elements come last
        return f"{head}{loop}<startEvent{tail}"
    head, _, tail = task_.rpartition("</")
    return f"{head}{loop}</{tail}"


class TestTimersWithoutLength:
    @pytest.mark.parametrize(
        "cycle", ["R/PT0S", "R/P0D", "R/-PT1S", "R/PT0.001S", "R1000000/PT0S", "R/P0Y0M0DT0H0M0S"]
    )
    def test_a_start_event_does_not_stop_the_gateway(self, caller: Caller, cycle: str) -> None:
        caller.deploy(process("c", start("s", timer("Cycle", cycle)), END, flows("s>e")))
        caller.deploy(WORK)
        assert caller.create()
        caller.gateway.settle()
        stopper = threading.Thread(target=caller.gateway.stop, daemon=True)
        stopper.start()
        stopper.join(SOON)
        assert not stopper.is_alive()

    @pytest.mark.parametrize("expression", ['="R/PT0S"', '="R5/P" + "0D"'])
    def test_a_boundary_event_does_not_either(self, caller: Caller, expression: str) -> None:
        border = boundary("b", "a", timer("Cycle", expression), "e2", interrupting=False)
        caller.deploy(
            process("c", START, task("a", "work"), border, END, '<endEvent id="e2"/>', flows("s>a>e"))
        )
        caller.create("c")
        caller.gateway.clock.advance(1)
        assert "TRIGGERED" in caller.intents("TIMER")
        (job,) = caller.activate()
        caller.stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key), timeout=10)
        caller.gateway.settle()
        assert caller.gateway.alive["appointments"] == 0

    def test_it_fires_once_when_the_clock_jumps(self) -> None:
        with EmbeddedGateway(clock=Clock(ROOT_OF_TIME)) as gateway:
            caller = Caller(gateway)
            caller.deploy(process("c", start("s", timer("Cycle", "R/PT0S")), END, flows("s>e")))
            gateway.clock.advance(timedelta(days=1))
            before = caller.intents("TIMER").count("TRIGGERED")
            gateway.clock.advance(timedelta(days=1))
            assert caller.intents("TIMER").count("TRIGGERED") == before + 1
            gateway.clock.advance(limits.SHORTEST_CYCLE / 1000)
            assert caller.intents("TIMER").count("TRIGGERED") == before + 2
            caller.channel.close()

    @pytest.mark.parametrize(
        ("text", "after"), [("R/PT0S", 100), ("R/-PT1H", 100), ("R/PT0.01S", 100), ("R/PT1S", 1000)]
    )
    def test_a_late_one_is_due_at_least_the_shortest_cycle_from_now(self, text: str, after: int) -> None:
        assert parse_cycle(text).following(0, 60_000) == 60_000 + after


class TestTurns:
    """Work is done in turns: what others ask for is answered in between."""

    def test_of_many_runs_of_an_activity(self, caller: Caller) -> None:
        caller.deploy(process("other", START, task("a", "others"), END, flows("s>a>e")))
        many = looped(task("a", "many"), "=for i in 1..20000 return i")
        caller.deploy(process("p", START, many, END, flows("s>a>e")))

        def run() -> None:
            caller.create()
            caller.gateway.settle()

        assert answered_meanwhile(caller, run) < SOON
        assert caller.gateway.alive["jobs"] == 20_000

    def test_of_many_runs_that_end_by_themselves(self, caller: Caller) -> None:
        caller.deploy(process("other", START, task("a", "others"), END, flows("s>a>e")))
        script = element("scriptTask", "a", '<zeebe:script expression="=i" resultVariable="x"/>')
        many = looped(script, "=for i in 1..2000 return i", outputCollection="all", outputElement="=i")
        caller.deploy(process("p", START, many, task("b", "check"), END, flows("s>a>b>e")))

        def run() -> None:
            caller.create()
            caller.gateway.settle()

        assert answered_meanwhile(caller, run) < SOON
        (job,) = caller.activate("check")
        assert job.variables.count(",") >= 1999

    def test_of_many_instances_that_are_cancelled(self, caller: Caller) -> None:
        caller.deploy(process("other", START, task("a", "others"), END, flows("s>a>e")))
        caller.deploy(
            process("p", START, looped(task("a", "many"), "=for i in 1..5000 return i"), END, flows("s>a>e"))
        )
        key = caller.create()
        caller.gateway.settle()

        def run() -> None:
            caller.stub.CancelProcessInstance(
                pb.CancelProcessInstanceRequest(processInstanceKey=key), timeout=60
            )
            caller.gateway.settle()

        assert answered_meanwhile(caller, run) < SOON
        assert caller.gateway.alive == {"instances": 0, "jobs": 0, "appointments": 0}

    def test_of_many_timers_that_are_due_at_once(self, caller: Caller) -> None:
        caller.deploy(process("other", START, task("a", "others"), END, flows("s>a>e")))
        wait = element("intermediateCatchEvent", "a", "").replace("</", timer("Duration", "PT1M") + "</")
        caller.deploy(process("p", START, looped_sub(wait), END, flows("s>sub>e")))
        caller.create()
        caller.gateway.settle()
        assert caller.gateway.alive["appointments"] == 3000
        assert answered_meanwhile(caller, lambda: caller.gateway.clock.advance(61)) < SOON
        assert caller.gateway.alive["appointments"] == 0  # all of it has happened when advance() returns

    def test_of_a_large_file(self, caller: Caller) -> None:
        caller.deploy(process("other", START, task("a", "others"), END, flows("s>a>e")))
        names = [f"t{number}" for number in range(4000)]
        tasks = "".join(f'<manualTask id="{name}"/>' for name in names)
        model = process("p", START, tasks, flows("s>" + ">".join(names)))
        assert answered_meanwhile(caller, lambda: caller.deploy(model)) < SOON

    def test_of_expressions_that_compute_for_ever(self, caller: Caller) -> None:
        caller.deploy(process("other", START, task("a", "others"), END, flows("s>a>e")))
        mappings = "".join(
            f'<zeebe:input source="=count(for a in 1..{900_000 + number} return [a, a])" target="v{number}"/>'
            for number in range(40)
        )
        io = f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>"
        slow = element("serviceTask", "a", f'<zeebe:taskDefinition type="never"/>{io}')
        caller.deploy(process("p", START, slow, END, flows("s>a>e")))
        assert answered_meanwhile(caller, caller.create) < SOON
        incident = next(r for r in caller.gateway.records() if r["valueType"] == "INCIDENT")
        assert "computed for more than 1 s" in incident["value"]["errorMessage"]

    def test_an_answer_waits_for_what_follows_from_its_own_request(self, caller: Caller) -> None:
        script = element("scriptTask", "a", '<zeebe:script expression="=i" resultVariable="x"/>')
        caller.deploy(process("p", START, looped(script, "=for i in 1..300 return i"), END, flows("s>a>e")))
        caller.create()
        assert caller.gateway.alive["instances"] == 0

    def test_a_gateway_stops_in_the_middle_of_it(self, caller: Caller) -> None:
        many = looped(task("a", "many"), "=for i in 1..100000 return i")
        caller.deploy(process("p", START, many, END, flows("s>a>e")))
        caller.stub.CreateProcessInstance.future(
            pb.CreateProcessInstanceRequest(bpmnProcessId="p", version=-1)
        )
        for _ in range(1000):
            if caller.gateway.alive["instances"]:
                break
            threading.Event().wait(0.01)
        stopper = threading.Thread(target=caller.gateway.stop, daemon=True)
        stopper.start()
        stopper.join(SOON)
        assert not stopper.is_alive()

    def test_each_piece_of_work_has_its_turn(self) -> None:
        works, seen = Works(), []
        works.turn = 0

        def steps(name: str) -> Iterator[None]:
            for number in range(3):
                seen.append(f"{name}{number}")
                yield

        first, second = works.begin(steps("a")), works.begin(steps("b"))
        ended: list[str] = []
        first.when_done(lambda: ended.append("a"))
        while works:
            works.go_on()
        assert seen == ["a0", "b0", "a1", "b1", "a2", "b2"]
        assert (first.done, second.done, ended) == (True, True, ["a"])

    def test_a_fault_of_the_engine_is_told_and_stops_nothing_else(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        kernel, done = Kernel(lambda: 0), []

        def begin(_: Command[None]) -> None:
            kernel.send("A", "FAIL", 1, {})
            kernel.send("A", "GO_ON", 1, {})

        kernel.register({"A BEGIN": begin, "A FAIL": lambda _: 1 // 0, "A GO_ON": lambda _: done.append(1)})
        with caplog.at_level(logging.ERROR), pytest.raises(ZeroDivisionError):
            kernel.execute("A", "BEGIN", 1, {})
        assert done == [1]
        assert "A FAIL 1 cannot be carried out" in caplog.text


def looped_sub(inner: str) -> str:
    """A sub-process that runs 3,000 times at once, with one element inside."""
    body = f'<startEvent id="ss"/>{inner}<endEvent id="se"/>{flows("ss>a>se")}'
    return looped(f'<subProcess id="sub">{body}</subProcess>', "=for i in 1..3000 return i")


class TestSteps:
    def test_many_steps_side_by_side_are_no_endless_loop(self) -> None:
        kernel = Kernel(lambda: 0, max_depth=50)
        reached: list[int] = []

        def begin(_: Command[None]) -> None:
            for number in range(200):
                kernel.send("A", "GO_ON", number, {})

        kernel.register({"A BEGIN": begin, "A GO_ON": lambda _: reached.append(kernel.passed_limit)})
        kernel.execute("A", "BEGIN", 1, {})
        assert reached == [0] * 200

    @pytest.mark.parametrize(("depth", "steps", "limit"), [(20, 1000, 20), (1000, 30, 30)])
    def test_steps_in_a_row_and_steps_in_all_are_limited(self, depth: int, steps: int, limit: int) -> None:
        kernel = Kernel(lambda: 0, max_depth=depth, max_steps=steps)
        passed: list[int] = []

        def again(_: Command[None]) -> None:
            if kernel.passed_limit:
                passed.append(kernel.passed_limit)
            else:
                kernel.send("A", "GO_ON", 1, {})

        kernel.register({"A GO_ON": again})
        kernel.execute("A", "GO_ON", 1, {})
        assert passed == [limit]

    def test_processes_that_call_each_other_end_in_an_incident_and_can_be_cancelled(
        self, caller: Caller
    ) -> None:
        call = element("callActivity", "a", '<zeebe:calledElement processId="p"/>')
        caller.deploy(process("p", START, call, END, flows("s>a>e")))
        key = caller.create()
        caller.gateway.settle()
        (incident,) = [r for r in caller.gateway.records() if r["valueType"] == "INCIDENT"]
        assert incident["value"]["errorType"] == "CALLED_ELEMENT_ERROR"
        assert "More than 1000 processes" in incident["value"]["errorMessage"]
        caller.stub.CancelProcessInstance(pb.CancelProcessInstanceRequest(processInstanceKey=key), timeout=60)
        caller.gateway.settle()
        assert caller.gateway.alive == {"instances": 0, "jobs": 0, "appointments": 0}


class TestModels:
    @pytest.mark.parametrize("seed", range(60))
    def test_a_loop_is_found_where_a_search_from_every_task_finds_one(self, seed: int) -> None:
        chance = random.Random(seed)
        kinds = {
            f"n{n}": chance.choice(["manualTask", "task", "serviceTask", "exclusiveGateway"])
            for n in range(9)
        }
        pairs = {(chance.choice([*kinds]), chance.choice([*kinds])) for _ in range(chance.randrange(6, 16))}
        extension = "<extensionElements><zeebe:taskDefinition type='t'/></extensionElements>"
        nodes = "".join(
            f'<{kind} id="{name}">{extension if kind == "serviceTask" else ""}</{kind}>'
            for name, kind in kinds.items()
        )
        edges = "".join(
            f'<sequenceFlow id="f_{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in sorted(pairs)
        )
        (found,) = read(process("p", START, nodes, edges, flows("s>n0")).encode())
        loop = endless_loop(found)

        def passes(name: str) -> bool:
            return kinds[name] != "serviceTask"

        def reaches(begin: str) -> bool:
            seen, ends = set(), [begin]
            while ends:
                at = ends.pop()
                for a, b in pairs:
                    if a == at and b == begin:
                        return True
                    if a == at and b not in seen and passes(b):
                        seen.add(b)
                        ends.append(b)
            return False

        tasks = [name for name, kind in kinds.items() if kind in ("manualTask", "task")]
        assert bool(loop) is any(reaches(name) for name in tasks)
        if loop:
            assert loop[0] == loop[-1]
            assert loop[0] in tasks
            assert all(step in pairs and passes(step[1]) for step in pairwise(loop))

    @pytest.mark.parametrize(
        "encoding",
        [
            "Shift_JIS",
            "GBK",
            "Big5",
            "EUC-JP",
            "GB18030",
            "UTF-16",
            "UTF-16-LE",
            "UTF-16-BE",
            "windows-1252",
            "UTF-8",
        ],
    )
    def test_files_are_read_in_the_encoding_that_they_declare(self, encoding: str) -> None:
        name = "café" if encoding == "windows-1252" else "日本"
        head = f'<?xml version="1.0" encoding="{encoding}"?>'
        model = head + process("p", START, END, flows("s>e")).partition("?>")[2].replace(
            'id="p"', f'id="p" name="{name}"'
        )
        assert read(model.encode(encoding))[0].id == "p"
        graph = head + chain_of_decisions(1).partition("?>")[2].replace('name="g"', f'name="{name}"')
        assert dmn.parse(graph.encode(encoding)).name == name

    @pytest.mark.parametrize(
        "encoding", ["foo", "", "punycode", "utf-7", "zip_codec", "rot13", "unicode_escape", "Shift_JIS"]
    )
    def test_an_encoding_that_is_unknown_or_not_kept_is_refused(self, encoding: str, caller: Caller) -> None:
        content = b'<?xml version="1.0" encoding="%s"?><a name="\xff\xff"/>' % encoding.encode()
        for name in ("m.bpmn", "m.dmn"):
            resource = pb.Resource(name=name, content=content)
            with pytest.raises(grpc.RpcError) as error:
                caller.stub.DeployResource(pb.DeployResourceRequest(resources=[resource]), timeout=10)
            assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert "encoding" in error.value.details()

    def test_a_form_that_is_nested_too_deep_is_refused(self, caller: Caller) -> None:
        resource = pb.Resource(name="f.form", content=b"[" * 100_000)
        with pytest.raises(grpc.RpcError, match="nested too deep") as error:
            caller.stub.DeployResource(pb.DeployResourceRequest(resources=[resource]), timeout=10)
        assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def chain_of_decisions(count: int, logic: str = "{} + 1") -> str:
    """Decisions that each require the one before."""
    decisions = ""
    for number in range(count):
        required = f'<requiredDecision href="#d{number - 1}"/>' if number else ""
        text = logic.format(f"d{number - 1}") if number else "1"
        decisions += (
            f'<decision id="d{number}" name="d{number}"><variable name="d{number}"/>'
            + (f"<informationRequirement>{required}</informationRequirement>" if required else "")
            + f"<literalExpression><text>{text}</text></literalExpression></decision>"
        )
    return (
        '<?xml version="1.0"?><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="g" name="g" '
        f'namespace="x">{decisions}</definitions>'
    )


class TestDecisions:
    def test_a_long_chain_is_evaluated(self) -> None:
        graph = dmn.parse(chain_of_decisions(3000).encode())
        result = dmn.evaluate(graph, "d2999", {})
        assert (result.output, len(result.evaluated_decisions)) == (3000, 3000)

    def test_a_value_that_becomes_too_deep_on_the_way_is_a_failure(self) -> None:
        graph = dmn.parse(chain_of_decisions(200, "[[[[[[[[[[{}]]]]]]]]]]").encode())
        result = dmn.evaluate(graph, "d199", {})
        assert "nested" in result.failure_message
        assert result.failed_decision_id == "d93"

    def test_a_long_circle_is_refused(self) -> None:
        text = chain_of_decisions(3000).replace(
            '<variable name="d0"/>',
            '<variable name="d0"/><informationRequirement><requiredDecision href="#d2999"/></informationRequirement>',
        )
        with pytest.raises(dmn.DmnError, match="Cyclic"):
            dmn.parse(text.encode())

    def test_one_evaluation_has_one_budget_of_time(self) -> None:
        graph = dmn.parse(chain_of_decisions(60, "count(for i in 1..300000 return [i, {}])").encode())
        began = time.thread_time()
        result = dmn.evaluate(graph, "d59", {})
        assert "computed for more than 1 s" in result.failure_message
        assert time.thread_time() - began < 5


class TestRefusalsOverGrpc:
    @staticmethod
    def mistakes(count: int, name: str = "A_task_without_a_type") -> str:
        names = [f"{name}_{number}" for number in range(count)]
        return process(
            "p",
            START,
            "".join(f'<serviceTask id="{each}"/>' for each in names),
            flows("s>" + ">".join(names)),
        )

    def refusal(self, caller: Caller, model: str) -> grpc.RpcError:
        sizes = [("grpc.max_metadata_size", 2**20), ("grpc.absolute_max_metadata_size", 2**20)]
        channel = grpc.insecure_channel(caller.gateway.grpc_address, options=sizes)
        call = channel.unary_unary(
            "/gateway_protocol.Gateway/DeployResource", pb.DeployResourceRequest.SerializeToString
        )
        try:
            with pytest.raises(grpc.RpcError) as error:
                call(
                    pb.DeployResourceRequest(resources=[pb.Resource(name="m.bpmn", content=model.encode())]),
                    timeout=30,
                )
        finally:
            channel.close()
        assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        return error.value

    def test_two_thousand_mistakes_are_all_told(self, caller: Caller) -> None:
        details = self.refusal(caller, self.mistakes(2000)).details()
        assert all(f"A_task_without_a_type_{number}\n" in details for number in range(2000))

    @pytest.mark.parametrize("name", ["A_task_without_a_type", "Ä_ßtask"])
    def test_what_is_longer_than_fits_is_cut_and_says_so(self, caller: Caller, name: str) -> None:
        details = self.refusal(caller, self.mistakes(6000, name)).details()
        assert f"{name}_0\n" in details
        assert details.endswith("characters more)")


class TestLog:
    def test_records_since_a_position_are_those_after_it(self, caller: Caller) -> None:
        caller.deploy(WORK)
        before = caller.gateway.position
        assert caller.gateway.records()[-1]["position"] == before
        assert caller.gateway.records(since=before) == []
        caller.create()
        found = caller.gateway.records(since=before)
        assert found == caller.gateway.records()[before:]
        assert [r["position"] for r in found] == [*range(before + 1, caller.gateway.position + 1)]
        assert caller.gateway.records(since=10**9) == []
        with pytest.raises(ValueError, match="since"):
            caller.gateway.records(since=-1)

    def test_positions_stay_right_when_the_oldest_have_fallen_off(self) -> None:
        log = Log(kept=100)
        for _ in range(1050):
            log.append(-1, 1, EVENT, "A", "B", {}, 0)
        assert [record.position for record in log.since(0)] == [*range(951, 1051)]
        assert [record.position for record in log.since(1048)] == [1049, 1050]
        assert log.since(1050) == []

    def test_large_values_of_variables_do_not_pile_up(self) -> None:
        log = Log(kept_bytes=100_000)
        for _ in range(50):
            for size in (10, 20_000):
                log.append(-1, 1, EVENT, "VARIABLE", "UPDATED", {"value": "x" * size}, 0)
                log.weigh(size)
        kept = log.since(0)
        assert [record.position for record in kept] == [*range(91, 101)]
        assert len(log) == 10


def test_the_limits_of_documents_are_enforced(caller: Caller) -> None:
    deep = "[" * (limits.MAX_VARIABLE_DEPTH + 1) + "]" * (limits.MAX_VARIABLE_DEPTH + 1)
    for variables, text in (
        (f'{{"a":{deep}}}', f"nested deeper than {limits.MAX_VARIABLE_DEPTH} levels"),
        (f'{{"a":"{"x" * limits.MAX_RECORD}"}}', "EXCEEDED_BATCH_RECORD_SIZE"),
        ("x" * limits.MAX_MESSAGE, f"exceeds maximum size {limits.MAX_MESSAGE}"),
    ):
        with pytest.raises(grpc.RpcError, match=text):
            caller.stub.PublishMessage(pb.PublishMessageRequest(name="m", variables=variables), timeout=10)


def test_an_activation_takes_a_bounded_number_of_jobs(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MAX_BATCH_JOBS", 3)
    caller.deploy(
        process("p", START, looped(task("a", "work"), "=for i in 1..5 return i"), END, flows("s>a>e"))
    )
    caller.create()
    assert [len(caller.activate(count=2**31 - 1)) for _ in range(3)] == [3, 2, 0]


def test_the_documentation_has_every_limit() -> None:
    text = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    for limit in limits.LIMITS:
        assert f"| {limit.what} | {limit.limit} | {limit.beyond} |" in text
