"""The embedded gateway in a process of its own: ``python -m benchmarks.hardship.gateway``.

It says its two ports as a line of JSON, gRPC first, and answers every line on stdin with the number of
instances that live.
"""

from __future__ import annotations

import json
import sys

from camunda_embedded import EmbeddedGateway

if __name__ == "__main__":
    with EmbeddedGateway() as gateway:
        ports = [
            int(each.rpartition(":")[2].strip("/")) for each in (gateway.grpc_address, gateway.rest_address)
        ]
        print(json.dumps(ports), flush=True)
        for _ in sys.stdin:
            print(json.dumps(gateway.alive["instances"]), flush=True)
