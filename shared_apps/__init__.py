"""Apps whose tables live in the public schema."""
