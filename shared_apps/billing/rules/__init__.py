"""What billing decides; pure."""
