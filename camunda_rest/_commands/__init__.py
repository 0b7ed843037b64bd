"""The commands that RPCs and REST operations share: what callers give and get, and one method for each."""
