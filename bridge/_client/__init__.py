"""One typed method per RPC, on both wires."""
