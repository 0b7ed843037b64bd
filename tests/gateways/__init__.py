"""Every gateway the suites can run on: the embedded one, what was recorded, a cluster of yours, containers.

A suite says ``@on_gateways(wires={"grpc", "rest"})`` (``registry``) and takes a fixture (``plugin``).
"""
