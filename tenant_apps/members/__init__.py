"""The people of a marketplace and what they may do."""
