"""What decides about profiles without asking anybody: addresses, zones, completeness, pictures."""
