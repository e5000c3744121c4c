"""Booked time: holds, confirmation, moves, cancellation."""
