"""How each organization is: figures gathered for all of them, and what a score takes off for (ADR 0019)."""
