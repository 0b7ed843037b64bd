"""The messages of the protocol: another name of ``camunda_grpc.generated.gateway_pb2``, as imports
of ``zeebe_grpc`` have it.
"""

import sys

from camunda_grpc._extra import compiled

sys.modules[__name__] = compiled("gateway_pb2")
