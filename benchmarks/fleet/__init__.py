"""A fleet of workers, simulated: our real worker on a clock that jumps, against a model of gateways."""
