"""Apps whose tables live in each tenant's schema: one marketplace."""
