"""The one answer of a job: how long it is repeated, and what is final."""
