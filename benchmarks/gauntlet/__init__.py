"""The same trials for every worker: ours, and those of others."""
