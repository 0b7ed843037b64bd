"""Variables to arguments, results to JSON."""
