"""Looks a theme package over before anybody wears it: numbered rules, each complaint with file, line and cure."""
