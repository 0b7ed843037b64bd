from camunda_grpc.generated.gateway_pb2_grpc import *  # noqa: F403
