"""The people who run the platform."""
