"""Lint rules of our own: what ruff cannot know about this house."""
