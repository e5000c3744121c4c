"""The test of the walls between marketplaces that an owner can ask for (ADR 0014)."""
