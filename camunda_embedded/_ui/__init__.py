"""The page of a running gateway: read-only, on loopback, without scripts and without anything from elsewhere."""
