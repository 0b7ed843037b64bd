from camunda_grpc._generated.gateway_pb2_grpc import *  # noqa: F403
