"""The end of an organization: what erasing does with each table, and the proof that nothing is left."""
