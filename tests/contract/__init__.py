"""The table and the protocol, measured against what Camunda publishes: proto files and OpenAPI files of five versions."""
