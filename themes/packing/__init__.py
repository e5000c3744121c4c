"""A theme package as one file: written with reproducible bytes, read as if its sender were an enemy."""
