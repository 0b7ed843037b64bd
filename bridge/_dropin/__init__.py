"""Everything that ``grpc.Channel`` promises, for stubs that others compiled."""
