"""What ``doctor`` looks at: the way to a cluster, and the cluster at its end, step by step."""
