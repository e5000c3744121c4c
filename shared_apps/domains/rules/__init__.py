"""What domains may be called, where they go next, and what to say about it. Pure."""
