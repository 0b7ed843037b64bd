"""Test cases in JSON: read, checked and run."""
