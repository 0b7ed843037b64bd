"""How much of its processes a test run has played: counted from the logs of its gateways, and shown on a page."""
