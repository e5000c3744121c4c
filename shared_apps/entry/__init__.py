"""The owner's walk from the platform into their marketplace, by a code that works once, soon and in one browser."""
