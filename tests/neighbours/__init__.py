"""The library among others: other stubs of the protocol, old and new libraries, every Python there is."""
