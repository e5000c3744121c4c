"""Sandboxes: a copy of a marketplace in which nothing is real, and the way of what was tried out there back (ADR 0017)."""
