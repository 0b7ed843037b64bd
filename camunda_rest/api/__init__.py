"""The whole REST API v2: operations, classes, words and methods, generated from the contract."""
