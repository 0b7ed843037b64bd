"""Stands in for zeebe-grpc when the docs are run: that package needs a protobuf that ours need not share an environment with."""

from camunda_grpc import gateway_pb2, gateway_pb2_grpc

__all__ = ["gateway_pb2", "gateway_pb2_grpc"]
