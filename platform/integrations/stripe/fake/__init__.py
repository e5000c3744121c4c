"""A local Stripe with a memory: what Stripe would answer, charge and report, for the demo and the tests (ADR 0020)."""
