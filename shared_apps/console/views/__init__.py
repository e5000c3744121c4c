"""The operator's screens that need nothing of provisioning."""
