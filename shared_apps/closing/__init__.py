"""Closing an organization for good: a grace period in which it can be opened again, then it is erased."""
