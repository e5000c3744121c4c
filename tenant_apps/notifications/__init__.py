"""Mails that a marketplace sends."""
