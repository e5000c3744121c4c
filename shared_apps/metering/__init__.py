"""Metering: what organizations use, counted once, shown while it happens, told to Stripe, and stopped where a plan stops it."""
