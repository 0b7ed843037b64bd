"""The two servers of the embedded gateway, as servers."""
