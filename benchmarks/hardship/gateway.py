"""The embedded gateway in a process of its own: ``python -m benchmarks.hardship.gateway [LIFETIME]``.

It says its ports as a line of JSON: gRPC, REST, and that of the identity provider whose tokens, of LIFETIME
seconds, it asks for; 0 where there is none. It answers every line on stdin with the number of jobs that
are not done.
"""

from __future__ import annotations

import json
import sys

from camunda_embedded import EmbeddedGateway, TokenCheck
from tests.fakes.identity import IdentityProvider


def _port(address: str) -> int:
    return int(address.split("://")[-1].partition("/")[0].rpartition(":")[2])


def main(lifetime: float) -> None:
    provider = IdentityProvider(lifetime) if lifetime else None
    check = TokenCheck(provider.issuer) if provider else None
    with EmbeddedGateway(auth=check) as gateway:
        ports = [
            _port(gateway.grpc_address),
            _port(gateway.rest_address),
            _port(provider.issuer) if provider else 0,
        ]
        print(json.dumps(ports), flush=True)
        for _ in sys.stdin:
            print(json.dumps(gateway.alive["jobs"]), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0)
