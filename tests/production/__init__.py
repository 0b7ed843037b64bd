"""Production: what stands around a cluster, real where it can be had."""
