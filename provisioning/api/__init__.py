"""The platform's own API: organizations and the runs that make them, for operators' programs."""
