"""A worker as people wrote them for the gRPC gateway: a generated stub, its messages, its errors. It knows nothing of REST."""

from __future__ import annotations

import json

import grpc

from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs


def run(channel: grpc.Channel, orders: int) -> list[str]:
    """Works off ``orders`` jobs of type charge-card and says what it did."""
    gateway = stubs.GatewayStub(channel)
    done: list[str] = []
    for _ in range(20):  # twenty polls are more than enough, whatever happens
        request = pb.ActivateJobsRequest(
            type="charge-card", worker="legacy", timeout=60_000, maxJobsToActivate=10, requestTimeout=2_000
        )
        for response in gateway.ActivateJobs(request):
            for job in response.jobs:
                order = json.loads(job.variables)
                result = json.dumps({"paid": True})
                gateway.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables=result))
                done.append(f"charged {order['total']} {json.loads(job.customHeaders)['currency']}")
        if len(done) >= orders:
            break
    return done
