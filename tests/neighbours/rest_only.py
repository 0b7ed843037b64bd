"""The base install: ``requests`` and nothing else. Prints the version of the cluster; fails if anything of gRPC is there."""

from __future__ import annotations

import importlib.util
import sys


def main(rest_address: str) -> None:
    for absent in ("grpc", "google.protobuf", "aiohttp"):
        try:
            found = importlib.util.find_spec(absent)
        except ModuleNotFoundError:
            found = None
        assert found is None, f"{absent} is installed, so this proves nothing"
    import bridge
    from camunda_core.errors import ConfigurationError, NotFound
    from camunda_rest import RestClient, operations

    with RestClient(rest_address) as rest:
        print(rest.call(operations.GET_TOPOLOGY)["gatewayVersion"])
    with bridge.Client(rest_address=rest_address) as client:
        print(client.topology().gateway_version)
        try:
            client.cancel_process_instance(2251799813685248)
        except NotFound as error:
            print(error.message)
    try:
        bridge.Client(grpc_address="localhost:26500")
    except (ConfigurationError, ModuleNotFoundError) as error:
        print(f"refused: {error}")
    else:
        raise AssertionError("a gRPC client without grpcio was made")
    for module in ("bridge", "camunda_grpc"):
        try:
            importlib.import_module(module).channel("http://localhost:1")
        except ModuleNotFoundError as error:
            assert "camunda-bridge[grpc]" in str(error), error
        else:
            raise AssertionError(f"{module}.channel without grpcio was made")


if __name__ == "__main__":
    main(*sys.argv[1:])
