"""Workers under faults of the network and of processes: `make soak`, `make reliability`. Linux."""
