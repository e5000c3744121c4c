"""Template tags of metering."""
