"""Bringing what was tried out in a sandbox back: read, compared, applied in one transaction, and put back for a week."""
