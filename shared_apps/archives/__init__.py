"""Archives of organizations: who asked for one, how far it is, and for how long it can be fetched."""
