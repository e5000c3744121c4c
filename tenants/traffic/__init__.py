"""The traffic meter: what is asked of each tenant, counted in the process and added up in `public` (ADR 0016)."""
