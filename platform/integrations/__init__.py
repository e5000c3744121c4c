"""One package per outside service, behind an interface with a fake beside it."""
