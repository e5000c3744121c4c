"""Bringing every tenant's schema to the version of the running code: planned once, replayed many times (ADR 0010)."""
