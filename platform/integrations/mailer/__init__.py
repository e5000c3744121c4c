"""What mail servers answer."""
