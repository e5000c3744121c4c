"""Isolation reports: who asked for one, how far the test is, and what was found."""
