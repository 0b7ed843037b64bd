"""Drawings of processes: read from their own diagrams, laid out where there is none, and written as SVG."""
