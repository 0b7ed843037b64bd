"""One interface over both wires of Camunda 8."""
