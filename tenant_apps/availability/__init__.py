"""When a provider can be booked."""
