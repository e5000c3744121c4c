"""Pages of provisioning: sign-up and the console's view of runs and organizations."""
