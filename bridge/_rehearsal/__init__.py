"""The rehearsal: calls go over gRPC as ever, and each is also said in REST, not sent, to see what stands in the way."""
