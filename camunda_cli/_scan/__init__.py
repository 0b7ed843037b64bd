"""Scanning sources: which RPCs of the gateway a program calls, and what becomes of each over REST."""
