"""What the platform earns: a ledger of recurring revenue, and the figures that are read from it."""
