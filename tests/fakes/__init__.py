"""Peers that do what a test tells them to: real servers on free local ports. They share nothing with the product but its protocol.

``rest``       an HTTP server that plays a script of good and bad answers, request by request
``grpc``       a gateway that plays a script of good and bad answers, call by call
``rest_jobs``  a queue of jobs on ``rest``, for channels and clients
``gateway``    both wires before one store of jobs, with the broker's rules and every fault on demand, for workers
``job_wire``   a memory of jobs without a wire, for what a worker decides
``tokens``     a token endpoint on ``rest``
``identity``   an identity provider, whose tokens are signed
``clock``      an event loop whose clock jumps over what would be waited for
``front``      TLS and the check of those tokens before a gateway
"""
