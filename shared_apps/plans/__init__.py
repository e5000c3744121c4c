"""What an organization may do: plans, entitlements and their limits."""
