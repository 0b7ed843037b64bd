"""A web shop on pyzeebe."""

import asyncio

from pyzeebe import Job, ZeebeClient, ZeebeTaskRouter, ZeebeWorker, create_insecure_channel

router = ZeebeTaskRouter()


@router.task(task_type="reserve-stock", timeout_ms=10000)  # calls: ActivateJobs
async def reserve(sku: str, job: Job) -> dict:
    return {"reserved": sku}


class Broker:
    """Of another world: its methods only sound alike."""

    async def publish_message(self, name: str) -> None: ...

    def topology(self) -> list:
        return []


class Shop:
    def __init__(self, client: ZeebeClient, broker: Broker) -> None:
        self.client = client
        self.broker = broker

    async def order(self, order: dict) -> int:
        response = await self.client.run_process(  # calls: CreateProcessInstance
            bpmn_process_id="order", variables=order, tenant_id="shop"
        )
        await self.broker.publish_message("ordered")
        return response.process_instance_key

    async def paid(self, order_id: str) -> None:
        await self.client.publish_message(  # calls: PublishMessage
            name="paid", correlation_key=order_id, time_to_live_in_milliseconds=60000
        )


async def quote(zeebe_client, cart):
    return await zeebe_client.run_process_with_result(  # calls: CreateProcessInstanceWithResult
        "quote", variables=cart
    )


async def main() -> None:
    channel = create_insecure_channel(grpc_address="localhost:26500")
    client = ZeebeClient(channel)
    await client.deploy_resource("order.bpmn", "price.dmn")  # calls: DeployResource
    print(await client.topology())  # calls: Topology
    worker = ZeebeWorker(channel)
    worker.include_router(router)

    @worker.task(task_type="charge", max_jobs_to_activate=8)  # calls: ActivateJobs
    async def charge(amount: float) -> dict:
        return {"charged": amount}

    shop = Shop(client, Broker())
    key = await shop.order({"sku": "a"})
    await client.cancel_process_instance(key)  # calls: CancelProcessInstance
    await client.broadcast_signal("closing")  # calls: BroadcastSignal
    print(shop.broker.topology())
    await worker.work()


asyncio.run(main())
