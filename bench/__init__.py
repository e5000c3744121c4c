"""Benchmarks: each a ratio against a named baseline, both measured in turns in one run."""
