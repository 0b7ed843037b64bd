"""One run of a worker: the task types at work, and how they come to rest."""
