"""What an RPC is in REST, read both ways; and what a cluster is too old for."""
