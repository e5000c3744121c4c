"""Who offers it: profiles of providers."""
