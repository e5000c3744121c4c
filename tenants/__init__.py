"""The registry of organizations and the one door into their schemas."""
