"""The backoffice's pages: parse, one call, render."""
