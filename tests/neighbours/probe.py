"""A program that uses the library for real, in whatever environment it is started in.

    python -m tests.neighbours.probe STUBS GRPC_ADDRESS REST_ADDRESS JOB_TYPE PROCESS_ID

STUBS names the generated modules: ``ours``, ``pyzeebe`` or ``zeebe_grpc``, and with ``,ours-first`` or ``,ours-last`` the order
in which the copies of the protocol are imported. Prints what it did, one line each; anything unexpected is a traceback.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

MODULES = {
    "ours": ("camunda_grpc._generated.gateway_pb2", "camunda_grpc._generated.gateway_pb2_grpc"),
    "pyzeebe": ("pyzeebe.proto.gateway_pb2", "pyzeebe.proto.gateway_pb2_grpc"),
    "zeebe_grpc": ("zeebe_grpc.gateway_pb2", "zeebe_grpc.gateway_pb2_grpc"),
}


def load(stubs: str, order: str) -> tuple[Any, Any]:
    names = [MODULES["ours"], MODULES[stubs]]
    if order == "ours-last":
        names.reverse()
    for pair in names:
        for name in pair:
            importlib.import_module(name)
    messages, services = MODULES[stubs]
    return sys.modules[messages], sys.modules[services]


def work(channel: Any, pb: Any, stubs: Any, job_type: str, process_id: str, path: str) -> None:
    import grpc

    from camunda_core.errors import NotFound

    gateway = stubs.GatewayStub(channel)
    created = gateway.CreateProcessInstance(
        pb.CreateProcessInstanceRequest(bpmnProcessId=process_id, version=-1, variables='{"n": 1}')
    )
    assert isinstance(created, pb.CreateProcessInstanceResponse), type(created)
    done = 0
    for _ in range(10):
        request = pb.ActivateJobsRequest(
            type=job_type, worker="w", timeout=60000, maxJobsToActivate=1, requestTimeout=1000
        )
        for response in gateway.ActivateJobs(request):
            for job in response.jobs:
                assert job.bpmnProcessId == process_id
                gateway.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables="{}"))
                done += 1
        if done:
            break
    assert done == 1, done
    try:
        gateway.CancelProcessInstance(pb.CancelProcessInstanceRequest(processInstanceKey=2251799813685248))
    except grpc.RpcError as error:
        assert isinstance(error, NotFound)
        assert error.code() is grpc.StatusCode.NOT_FOUND
    else:
        raise AssertionError("an unknown instance was cancelled")
    stream = gateway.StreamActivatedJobs(
        pb.StreamActivatedJobsRequest(type=job_type, worker="w", timeout=60000)
    )
    future = gateway.CreateProcessInstance.future(
        pb.CreateProcessInstanceRequest(bpmnProcessId=process_id, version=-1)
    )
    assert future.result(timeout=20).processInstanceKey > 0
    # A native stream is pushed only what comes after it was registered; until then a poll must look.
    streamed = next(stream) if path == "rest" else None
    if streamed is not None:
        gateway.CompleteJob(pb.CompleteJobRequest(jobKey=streamed.key))
    stream.cancel()
    print(f"{path} sync: created, activated, completed, streamed, NOT_FOUND")


async def aio_work(channel: Any, pb: Any, stubs: Any, process_id: str, path: str) -> None:
    gateway = stubs.GatewayStub(channel)
    topology = await gateway.Topology(pb.TopologyRequest())
    assert topology.gatewayVersion.startswith("8.")
    calls = [
        gateway.CreateProcessInstance(pb.CreateProcessInstanceRequest(bpmnProcessId=process_id, version=-1))
        for _ in range(3)
    ]
    assert len({call.processInstanceKey for call in await asyncio.gather(*calls)}) == 3
    await channel.close()
    print(f"{path} asyncio: three at once")


def main(stubs_name: str, grpc_address: str, rest_address: str, job_type: str, process_id: str) -> None:
    name, _, order = stubs_name.partition(",")
    pb, stubs = load(name, order)
    import google.protobuf
    import grpc

    import bridge
    import camunda_grpc

    print(
        f"Python {sys.version.split()[0]}, grpcio {grpc.__version__}, protobuf {google.protobuf.__version__}, stubs {stubs_name}"
    )
    with camunda_grpc.channel(grpc_address) as channel:
        work(channel, pb, stubs, job_type, process_id, "grpc")
    with bridge.channel(rest_address) as channel:
        work(channel, pb, stubs, job_type, process_id, "rest")

    async def both() -> None:
        await aio_work(camunda_grpc.aio_channel(grpc_address), pb, stubs, process_id, "grpc")
        await aio_work(bridge.aio_channel(rest_address), pb, stubs, process_id, "rest")

    asyncio.run(both())
    for transport in ("grpc", "rest"):
        with bridge.Client(
            transport=transport, grpc_address=grpc_address, rest_address=rest_address
        ) as client:
            assert client.topology().gateway_version.startswith("8.")
            print(f"Client over {transport}")


if __name__ == "__main__":
    main(*sys.argv[1:])
