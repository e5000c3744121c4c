"""An organization in one signed file: written here, read here and elsewhere (ADR 0013)."""
