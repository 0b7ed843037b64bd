from camunda_grpc.generated.gateway_pb2 import *  # noqa: F403
