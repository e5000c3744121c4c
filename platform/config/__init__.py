"""Wiring only: settings, URLs, event subscriptions, servers. Imported by nobody."""
