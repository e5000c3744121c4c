"""Runs: what is to be done, by whom, until when; carried on by anybody after a crash."""
