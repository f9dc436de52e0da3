"""Numbered migrations of this package's tables, run forward when a library is opened."""
