"""Every gateway the suites can run on: real brokers, real engines, containers.

A suite says ``@on_gateways(wires={"grpc", "rest"})`` (``registry``) and takes a fixture (``plugin``).
"""
