"""Pages that visitors and customers see."""
