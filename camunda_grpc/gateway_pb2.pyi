from camunda_grpc._generated.gateway_pb2 import *  # noqa: F403
