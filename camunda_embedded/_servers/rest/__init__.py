"""The REST side: paths, checks, dialects and problem documents."""
