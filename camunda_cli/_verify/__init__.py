"""What ``verify`` plays: scenarios, written once against the client, on every way to a cluster, and compared."""
