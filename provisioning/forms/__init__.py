"""Forms of sign-up and of the console."""
