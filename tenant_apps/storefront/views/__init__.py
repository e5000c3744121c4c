"""The marketplace's public pages and files."""
