"""The stub and the servicer: another name of ``camunda_grpc._generated.gateway_pb2_grpc``, as
imports of ``zeebe_grpc`` have it.
"""

import sys

from camunda_grpc._extra import compiled

sys.modules[__name__] = compiled("gateway_pb2_grpc")
