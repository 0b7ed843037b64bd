"""BPMN 2.0 with Camunda 8's extensions: from the bytes of a file to the model that the engine runs."""
