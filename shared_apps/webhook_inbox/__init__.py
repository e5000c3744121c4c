"""What Stripe tells: kept once by event, answered at once, applied by fetching the object it is about (ADR 0022)."""
