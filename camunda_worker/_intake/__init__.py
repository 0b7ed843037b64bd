"""Taking jobs: when a poll is sent, when a stream is read, what is given back."""
