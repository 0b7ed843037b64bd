# Written by `make proto` from proto/gateway.proto; do not edit.
"""The compiled gateway protocol: messages in ``gateway_pb2``, stub and servicer in ``gateway_pb2_grpc``."""
