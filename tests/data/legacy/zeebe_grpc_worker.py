"""A worker on zeebe-grpc, as its readme shows one, grown over the years."""

import json
import logging
import os

import grpc
from zeebe_grpc import gateway_pb2, gateway_pb2_grpc

log = logging.getLogger(__name__)
ADDRESS = os.environ.get("ZEEBE_ADDRESS", "localhost:26500")


class Orders:
    def __init__(self, channel):
        self._stub = gateway_pb2_grpc.GatewayStub(channel)
        self.complete = self._stub.CompleteJob

    def start(self, order):
        request = gateway_pb2.CreateProcessInstanceRequest(
            bpmnProcessId="order-process", version=-1, variables=json.dumps(order)
        )
        return self._stub.CreateProcessInstance(request).processInstanceKey  # calls: CreateProcessInstance

    def start_and_wait(self, order):
        response = self._stub.CreateProcessInstanceWithResult(  # calls: CreateProcessInstanceWithResult
            gateway_pb2.CreateProcessInstanceWithResultRequest(
                request=gateway_pb2.CreateProcessInstanceRequest(bpmnProcessId="order-process", version=-1),
                requestTimeout=10000,
            ),
            timeout=15,
        )
        return json.loads(response.variables)

    def work(self):
        for response in self._stub.ActivateJobs(  # calls: ActivateJobs
            gateway_pb2.ActivateJobsRequest(type="payment", worker="py", timeout=60000, maxJobsToActivate=32)
        ):
            for job in response.jobs:
                try:
                    self.handle(job)
                    self.complete(gateway_pb2.CompleteJobRequest(jobKey=job.key))  # calls: CompleteJob
                except Exception as error:
                    self.fail(job, error)

    def fail(self, job, error):
        log.warning("FailJob: %s", error)
        self._stub.FailJob.with_call(  # calls: FailJob
            gateway_pb2.FailJobRequest(jobKey=job.key, retries=job.retries - 1, errorMessage=str(error))
        )

    def handle(self, job):
        self.complete_job(job)

    def complete_job(self, job):
        log.info("CompleteJob(%s)", job.key)

    def anything(self, name, request):
        return getattr(self._stub, name)(request)  # calls: ?

    def publish(self, name, key):
        publish = getattr(self._stub, "PublishMessage")  # noqa: B009
        publish(  # calls: PublishMessage
            gateway_pb2.PublishMessageRequest(name=name, correlationKey=key, businessId="b")
        )


def topology():
    with grpc.insecure_channel(ADDRESS) as channel:
        stub = gateway_pb2_grpc.GatewayStub(channel)
        return stub.Topology(gateway_pb2.TopologyRequest())  # calls: Topology


def cancel(stub, key):
    stub.CancelProcessInstance(  # calls: CancelProcessInstance
        gateway_pb2.CancelProcessInstanceRequest(processInstanceKey=key)
    )


def make_stub():
    return gateway_pb2_grpc.GatewayStub(grpc.insecure_channel(ADDRESS))


def main():
    stub = make_stub()
    future = stub.ResolveIncident.future(  # calls: ResolveIncident
        gateway_pb2.ResolveIncidentRequest(incidentKey=1)
    )
    future.result()
    for _ in stub.StreamActivatedJobs(  # calls: StreamActivatedJobs
        gateway_pb2.StreamActivatedJobsRequest(type="payment")
    ):
        pass
    Orders(grpc.insecure_channel(ADDRESS)).work()
