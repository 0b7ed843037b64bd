"""The embedded gateway as a whole: its life, its clock, its streams, its bounds."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import grpc
import pytest
from google.rpc import status_pb2

from camunda_core.errors import ConfigurationError, InvalidRequest
from camunda_embedded import Clock, EmbeddedGateway
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.scenarios.engine.models import (
    END,
    START,
    catch,
    element,
    flow_if,
    flows,
    process,
    task,
    timer,
)

WORK = process("p", START, task("a", "work"), END, flows("s>a>e"))


class Caller:
    def __init__(self, gateway: EmbeddedGateway) -> None:
        self.gateway = gateway
        self.channel = grpc.insecure_channel(gateway.grpc_address)
        self.stub = gateway_pb2_grpc.GatewayStub(self.channel)

    def deploy(self, model: str) -> Any:
        resource = pb.Resource(name="m.bpmn", content=model.encode())
        return self.stub.DeployResource(pb.DeployResourceRequest(resources=[resource]), timeout=10)

    def create(self, process_id: str = "p", **variables: Any) -> int:
        request = pb.CreateProcessInstanceRequest(
            bpmnProcessId=process_id, version=-1, variables=json.dumps(variables)
        )
        return int(self.stub.CreateProcessInstance(request, timeout=10).processInstanceKey)

    def activate(
        self, type: str = "work", wait: int = -1, count: int = 10, timeout: int = 60_000
    ) -> list[Any]:
        request = pb.ActivateJobsRequest(
            type=type, worker="w", timeout=timeout, maxJobsToActivate=count, requestTimeout=wait
        )
        return [job for answer in self.stub.ActivateJobs(request, timeout=20) for job in answer.jobs]

    def stream(self, type: str = "work", timeout: int = 60_000) -> Any:
        return self.stub.StreamActivatedJobs(
            pb.StreamActivatedJobsRequest(type=type, worker="s", timeout=timeout)
        )

    def intents(self, value_type: str) -> list[str]:
        return [
            r["intent"]
            for r in self.gateway.records()
            if r["valueType"] == value_type and r["recordType"] == "EVENT"
        ]


@pytest.fixture
def caller() -> Iterator[Caller]:
    with EmbeddedGateway() as gateway:
        made = Caller(gateway)
        yield made
        made.channel.close()


def wait_for_stream(caller: Caller, count: int = 1) -> None:
    """Until the gateway has as many streams."""
    for _ in range(500):
        if caller.gateway.run(lambda: caller.gateway.streams) == count:
            return
        threading.Event().wait(0.01)
    raise TimeoutError(f"there were never {count} streams")


@pytest.mark.parametrize("missing", ["grpc", "google.rpc", "aiohttp", "regex"])
@pytest.mark.parametrize(
    "how",
    ["from camunda_embedded import EmbeddedGateway", "import camunda_embedded as c; c.EmbeddedGateway()"],
)
def test_without_the_extra_the_extra_is_named(missing: str, how: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None\ntry:\n    {how}\nexcept ImportError as error: print(error)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    wanted = f"the embedded gateway needs {missing}: install it with pip install 'camunda-bridge[embedded]'\n"
    assert (done.stdout, done.returncode) == (wanted, 0), done.stderr


@pytest.mark.parametrize("missing", ["grpc", "aiohttp", "regex"])
def test_without_the_extra_the_command_says_so_in_one_line(missing: str) -> None:
    program = f"import runpy, sys; sys.modules[{missing!r}] = None; runpy.run_module('camunda_embedded', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    wanted = f"the embedded gateway needs {missing}: install it with pip install 'camunda-bridge[embedded]'\n"
    assert (done.stderr, done.stdout, done.returncode) == (wanted, "", 1)


class TestLife:
    def test_a_stopped_gateway_leaves_no_thread_and_no_port(self) -> None:
        before = threading.active_count()
        with EmbeddedGateway() as gateway:
            address = gateway.grpc_address
            assert address.startswith("127.0.0.1:")
        assert threading.active_count() <= before  # one of an earlier test may have ended meanwhile
        with pytest.raises(RuntimeError, match="does not run"):
            _ = gateway.grpc_address
        with EmbeddedGateway(grpc_port=int(address.rpartition(":")[2])) as again:
            assert again.grpc_address == address

    def test_two_gateways_know_nothing_of_each_other(self, caller: Caller) -> None:
        caller.deploy(WORK)
        with EmbeddedGateway() as other, pytest.raises(grpc.RpcError, match="none found"):
            Caller(other).create()

    def test_open_calls_end_as_cancelled_when_it_stops(self) -> None:
        with EmbeddedGateway() as gateway:
            caller = Caller(gateway)
            stream = caller.stream()
            watch = caller.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
            assert next(watch) == b"\x08\x01"
            wait_for_stream(caller)
        for call in (stream, watch):
            with pytest.raises(grpc.RpcError) as ended:
                next(call)
            error: Any = ended.value
            assert error.code() is grpc.StatusCode.CANCELLED
        caller.channel.close()

    async def test_it_runs_beside_a_running_event_loop(self) -> None:
        with EmbeddedGateway() as gateway:
            async with grpc.aio.insecure_channel(gateway.grpc_address) as channel:
                stub = gateway_pb2_grpc.GatewayStub(channel)
                answers = await asyncio.gather(*(stub.Topology(pb.TopologyRequest()) for _ in range(20)))
        assert {answer.gatewayVersion for answer in answers} == {"8.6.0"}

    def test_a_taken_port_is_an_os_error(self, caller: Caller) -> None:
        port = int(caller.gateway.grpc_address.rpartition(":")[2])
        with pytest.raises(OSError, match=str(port)):
            EmbeddedGateway(grpc_port=port).start()

    def test_an_unknown_dialect_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="dialect"):
            EmbeddedGateway(dialect="7.0")

    def test_the_command_line_prints_its_addresses_and_ends_on_a_signal(self) -> None:
        command = [sys.executable, "-m", "camunda_embedded", "--grpc-port", "0", "--rest-port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            line = running.stdout.readline()
            assert line.startswith("gRPC 127.0.0.1:")
            running.send_signal(signal.SIGTERM)
            assert running.wait(20) == 0


class TestClock:
    def test_a_timer_has_fired_when_advance_returns(self, caller: Caller) -> None:
        caller.deploy(process("t", START, catch("t1", timer("Duration", "PT1H")), END, flows("s>t1>e")))
        caller.create("t")
        caller.gateway.clock.advance(timedelta(minutes=59))
        assert "TRIGGERED" not in caller.intents("TIMER")
        caller.gateway.clock.advance(60)
        assert "TRIGGERED" in caller.intents("TIMER")

    def test_a_cycle_that_is_overdue_fires_once_and_goes_on_from_now(self, caller: Caller) -> None:
        caller.deploy(
            process("c", element("startEvent", "s", inside=timer("Cycle", "R/PT10S")), END, flows("s>e"))
        )
        caller.gateway.clock.advance(35)
        assert caller.intents("TIMER").count("TRIGGERED") == 1
        caller.gateway.clock.advance(9)
        assert caller.intents("TIMER").count("TRIGGERED") == 1
        caller.gateway.clock.advance(1)
        assert caller.intents("TIMER").count("TRIGGERED") == 2

    def test_a_standing_clock_moves_only_by_hand(self) -> None:
        start = datetime(2030, 1, 1, tzinfo=timezone.utc)
        clock = Clock(start)
        with EmbeddedGateway(clock=clock) as gateway:
            caller = Caller(gateway)
            caller.deploy(WORK)
            caller.create()
            job = caller.activate(timeout=5000)[0]
            assert job.deadline == round(start.timestamp() * 1000) + 5000
            clock.set(start + timedelta(seconds=5))
            assert [job.key for job in caller.activate()] == [job.key]
            caller.channel.close()

    def test_the_clock_never_goes_back(self) -> None:
        clock = Clock()
        with pytest.raises(ValueError, match="cannot go back"):
            clock.advance(-1)
        with pytest.raises(ValueError, match="time zone"):
            clock.set(datetime(2030, 1, 1))

    def test_real_time_fires_timers_too(self, caller: Caller) -> None:
        caller.deploy(
            process(
                "t",
                START,
                catch("t1", timer("Duration", "PT0.05S")),
                task("a", "work"),
                END,
                flows("s>t1>a>e"),
            )
        )
        caller.create("t")
        assert len(caller.activate(wait=10_000)) == 1


class TestJobs:
    def test_a_long_poll_gets_a_job_that_comes_later(self, caller: Caller) -> None:
        caller.deploy(WORK)
        request = pb.ActivateJobsRequest(
            type="work", worker="w", timeout=1000, maxJobsToActivate=1, requestTimeout=10_000
        )
        poll = caller.stub.ActivateJobs(request)
        caller.create()
        assert len(next(iter(poll)).jobs) == 1

    def test_of_two_polls_one_gets_the_job_and_the_other_the_next(self, caller: Caller) -> None:
        caller.deploy(WORK)
        request = pb.ActivateJobsRequest(
            type="work", worker="w", timeout=60_000, maxJobsToActivate=5, requestTimeout=10_000
        )
        polls = [caller.stub.ActivateJobs(request) for _ in range(2)]
        caller.create()
        caller.create()
        keys = [job.key for poll in polls for answer in poll for job in answer.jobs]
        assert len(set(keys)) == 2

    def test_a_cancelled_poll_takes_no_job(self, caller: Caller) -> None:
        caller.deploy(WORK)
        request = pb.ActivateJobsRequest(
            type="work", worker="w", timeout=60_000, maxJobsToActivate=5, requestTimeout=60_000
        )
        poll = caller.stub.ActivateJobs(request)
        poll.cancel()
        caller.create()
        assert len(caller.activate(wait=5000)) == 1

    def test_an_empty_poll_ends_without_a_message(self, caller: Caller) -> None:
        assert caller.activate(wait=50) == []


class TestStreams:
    def test_only_jobs_that_come_later_are_pushed_and_in_turn(self, caller: Caller) -> None:
        caller.deploy(WORK)
        caller.create()
        streams = [caller.stream(), caller.stream()]
        wait_for_stream(caller, 2)
        keys = [caller.create() for _ in range(4)]
        pushed = [[next(stream).processInstanceKey for _ in range(2)] for stream in streams]
        assert sorted(pushed[0] + pushed[1]) == sorted(keys)
        assert len(caller.activate()) == 1
        for stream in streams:
            stream.cancel()
        wait_for_stream(caller, 0)

    def test_a_failed_job_with_retries_is_pushed_again(self, caller: Caller) -> None:
        caller.deploy(WORK)
        stream = caller.stream()
        wait_for_stream(caller)
        caller.create()
        job = next(stream)
        caller.stub.FailJob(pb.FailJobRequest(jobKey=job.key, retries=1))
        again = next(stream)
        assert (again.key, again.retries) == (job.key, 1)
        stream.cancel()

    def test_a_reader_that_stops_reading_keeps_others_from_nothing(self, caller: Caller) -> None:
        caller.deploy(WORK)
        stream = caller.stream()
        wait_for_stream(caller)
        for _ in range(500):
            caller.create(payload="x" * 50_000)
        taken_back = caller.activate(count=500)
        assert 0 < len(taken_back) < 500
        stream.cancel()
        wait_for_stream(caller, 0)
        assert caller.intents("JOB").count("YIELDED") > 0
        assert len(caller.activate(count=500)) > 0

    def test_a_wrong_stream_is_refused_without_details(self, caller: Caller) -> None:
        with pytest.raises(grpc.RpcError) as refused:
            next(caller.stream(type=""))
        error: Any = refused.value
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert (
            error.details() == "Expected to stream activated jobs with type to be present, but it was blank"
        )
        assert dict(error.trailing_metadata()) == {}


class TestDoor:
    def test_an_error_carries_its_status_as_details(self, caller: Caller) -> None:
        with pytest.raises(grpc.RpcError) as refused:
            caller.create("nowhere")
        error: Any = refused.value
        status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        assert (status.code, status.message) == (5, error.details())

    def test_bytes_that_are_no_message_are_refused(self, caller: Caller) -> None:
        call = caller.channel.unary_unary("/gateway_protocol.Gateway/CompleteJob")
        with pytest.raises(grpc.RpcError) as refused:
            call(b"\xff\xff")
        error: Any = refused.value
        assert (error.code(), error.details()) == (
            grpc.StatusCode.UNKNOWN,
            "Application error processing RPC",
        )

    @pytest.mark.parametrize("method", ["gateway_protocol.Gateway/EvaluateConditional", "other.Service/X"])
    def test_an_unknown_method_is_unimplemented(self, caller: Caller, method: str) -> None:
        with pytest.raises(grpc.RpcError) as refused:
            caller.channel.unary_unary(f"/{method}")(b"")
        error: Any = refused.value
        assert (error.code(), error.details()) == (
            grpc.StatusCode.UNIMPLEMENTED,
            f"Method not found: {method}",
        )

    def test_too_large_a_message_is_refused(self, caller: Caller) -> None:
        with pytest.raises(grpc.RpcError, match="gRPC message exceeds maximum size 4194304"):
            caller.create(x="x" * 5_000_000)
        with pytest.raises(grpc.RpcError, match="EXCEEDED_BATCH_RECORD_SIZE"):
            caller.create(x="x" * 3_000_000)

    def test_the_health_service_answers(self, caller: Caller) -> None:
        check = caller.channel.unary_unary("/grpc.health.v1.Health/Check")
        name = b"gateway_protocol.Gateway"
        assert check(b"\n" + bytes([len(name)]) + name) == check(b"") == b"\x08\x01"
        with pytest.raises(grpc.RpcError, match="unknown service x"):
            check(b"\n\x01x")


class TestBounds:
    def test_a_process_that_loops_without_waiting_ends_in_an_incident(self, caller: Caller) -> None:
        script = element("scriptTask", "a", '<zeebe:script expression="=1" resultVariable="x"/>')
        gate = '<exclusiveGateway id="m"/><exclusiveGateway id="g" default="g_m"/>'
        caller.deploy(
            process("l", START, gate, script, END, flow_if("g", "e", "=stop = true"), flows("s>m>a>g g>m"))
        )
        key = caller.create("l", stop=False)
        caller.gateway.settle()
        incident = next(r for r in caller.gateway.records() if r["valueType"] == "INCIDENT")
        assert "loop endlessly" in incident["value"]["errorMessage"]
        caller.stub.SetVariables(pb.SetVariablesRequest(elementInstanceKey=key, variables='{"stop":true}'))
        caller.stub.ResolveIncident(pb.ResolveIncidentRequest(incidentKey=incident["key"]))
        caller.gateway.settle()
        (last,) = caller.gateway.records(since=caller.gateway.position - 1)
        assert last["intent"] == "ELEMENT_COMPLETED"

    def test_finished_work_is_forgotten(self, caller: Caller) -> None:
        caller.deploy(WORK)
        for _ in range(50):
            caller.create(x=1)
        for job in caller.activate(count=50):
            caller.stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key))
        assert caller.gateway.run(lambda: caller.gateway.alive) == {
            "instances": 0,
            "jobs": 0,
            "appointments": 0,
        }

    @pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
    def test_variables_may_be_900_levels_deep(self, caller: Caller, opened: str, closed: str) -> None:
        # A real 8.6.0 takes them so, through mappings as well.
        mapping = '<zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping>'
        caller.deploy(process("p", START, task("a", "work", mapping), END, flows("s>a>e")))

        def document(levels: int) -> str:
            return '{"a":' + opened * (levels - 1) + "1" + closed * (levels - 1) + "}"

        request = pb.CreateProcessInstanceRequest(bpmnProcessId="p", version=-1, variables=document(900))
        caller.stub.CreateProcessInstance(request)
        (job,) = caller.activate()
        assert job.variables.count(opened) > 1700
        caller.stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables=document(900)))
        assert caller.intents("PROCESS_INSTANCE")[-1] == "ELEMENT_COMPLETED"
        with pytest.raises(grpc.RpcError, match="nested deeper than 900 levels"):
            caller.stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables=document(901)))


BAD = {"none": None, "a flag": True, "negative": -1, "text": "1", "no number": float("nan"), "huge": 10**5000}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_what_is_no_position_and_no_time_is_refused_by_name(bad: Any) -> None:
    with EmbeddedGateway() as gateway:
        if bad is not True:
            with pytest.raises(InvalidRequest, match=r"^timeout must"):
                gateway.settle(bad)
        if bad != BAD["huge"]:
            with pytest.raises(InvalidRequest, match=r"^since must be a position"):
                gateway.records(since=bad)
