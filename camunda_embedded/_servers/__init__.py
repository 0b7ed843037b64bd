"""The two doors of the embedded gateway, as servers."""
