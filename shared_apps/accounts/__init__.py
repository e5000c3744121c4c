"""People who sign in: on the platform in public, in each marketplace in its own schema."""
