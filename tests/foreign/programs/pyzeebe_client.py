"""Our flows with pyzeebe, as its users write them: a client, and a worker for the jobs. Prints what it saw as JSON."""

import asyncio
import json
import sys

from pyzeebe import Job, ZeebeClient, ZeebeWorker, create_insecure_channel
from pyzeebe.errors import (
    MessageAlreadyExistsError,
    ProcessDefinitionNotFoundError,
    ProcessInstanceNotFoundError,
)

told = json.loads(sys.argv[1])
files, names = told["files"], told["names"]
REFUSED = {
    MessageAlreadyExistsError: "already exists",
    ProcessDefinitionNotFoundError: "not found",
    ProcessInstanceNotFoundError: "not found",
}


def list_or_object(value):
    """Variables come read-only, deep down."""
    return dict(value) if hasattr(value, "keys") else list(value)


class Flows:
    def __init__(self):
        self.client = ZeebeClient(create_insecure_channel(grpc_address=told["grpc"]))

    async def refused(self, call):
        try:
            await call
        except tuple(REFUSED) as error:
            return REFUSED[type(error)]
        return "nothing"

    async def worked(self, stream, process, variables, *kinds, until=None):
        """The jobs of a process, worked off by a worker; what each said."""
        channel = create_insecure_channel(grpc_address=told["grpc"])
        worker, seen, done = ZeebeWorker(channel, stream_enabled=stream), [], asyncio.Event()

        async def work(job: Job):
            seen.append(job)
            if len({each.type for each in seen}) == len(kinds):
                done.set()
            return {"paid": True}

        for kind in kinds:
            worker.task(task_type=kind, timeout_ms=60000)(work)
        working = asyncio.ensure_future(worker.work())
        await asyncio.sleep(0.5)
        await self.client.run_process(process, variables)
        if until:
            await until()
        await asyncio.wait_for(done.wait(), 15)
        await asyncio.sleep(0.3)
        await worker.stop()
        await asyncio.wait([working], timeout=20)
        return seen

    async def topology(self):
        answer = await self.client.topology()
        return {"version": answer.gateway_version, "partitions": answer.partitions_count}

    async def deploy(self):
        found = {}
        for name in ("order", "message", "empty", "discount"):
            answer = await self.client.deploy_resource(files[name])
            if name == "order":
                process = answer.deployments[0]
                found = {"process": process.bpmn_process_id, "version": process.version}
        return found

    async def jobs(self):
        charge, ship = await self.worked(False, names["order"], told["variables"], names["charge"], names["ship"])  # fmt: skip
        return {
            "variables": dict(charge.variables),
            "headers": dict(charge.custom_headers),
            "retries": charge.retries,
            "process": charge.bpmn_process_id,
            "element": charge.element_id,
            "paid": ship.variables["paid"],
        }

    async def result(self):
        return (await self.client.run_process_with_result(names["empty"], {"a": 1}, timeout=10000)).variables

    async def message(self):
        async def publish():
            await self.client.publish_message(names["message"], "o-1", {"amount": 12.5}, 60000)

        (thank,) = await self.worked(False, names["waits"], {"orderId": "o-1"}, names["thank"], until=publish)
        return dict(thank.variables)

    async def twice(self):
        await self.client.publish_message(names["message"], "k", message_id="1")
        return await self.refused(self.client.publish_message(names["message"], "k", message_id="1"))

    async def unknown(self):
        return [
            await self.refused(self.client.run_process(names["order"] + "-not")),
            await self.refused(self.client.cancel_process_instance(told["unknown"])),
        ]

    async def cancel(self):
        key = (await self.client.run_process(names["waits"], {"orderId": "o-2"})).process_instance_key
        await self.client.cancel_process_instance(key)
        return await self.refused(self.client.cancel_process_instance(key))

    async def signal(self):
        return (await self.client.broadcast_signal(names["signal"])).key > 0

    async def decision(self):
        answer = await self.client.evaluate_decision(None, names["decision"], {"amount": 100})
        said = answer.decision_output
        return json.loads(said) if isinstance(said, str) else said

    async def stream(self):
        charge, _ = await self.worked(True, names["order"], {"number": 7}, names["charge"], names["ship"])
        return dict(charge.variables)


async def main():
    flows, seen = Flows(), {}
    for name in ("topology", "deploy", "jobs", "result", "message", "twice", "unknown", "cancel", "signal",
                 "decision", "stream"):  # fmt: skip
        try:
            seen[name] = await getattr(flows, name)()
        except Exception as error:
            seen[name] = f"{type(error).__name__}: {error}"
    print(json.dumps(seen, default=list_or_object))


asyncio.run(main())
