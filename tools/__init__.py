"""The book's tools, each with one job; run from the root, as ``python -m tools.links``."""
