"""The marketplace's public API."""
