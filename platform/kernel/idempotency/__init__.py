"""The client's own key makes a write safe to repeat: the second time it gets the first answer (R28)."""
