"""Screens of owners, managers and providers."""
