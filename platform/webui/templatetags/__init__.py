"""Template tags of the `webui` app."""
