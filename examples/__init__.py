"""Programs that the README and `make demo` run."""
