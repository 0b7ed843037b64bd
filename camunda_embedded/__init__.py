"""A Camunda 8 gateway inside the Python process: engine, FEEL, DMN and the two doors."""
