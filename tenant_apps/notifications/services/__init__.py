"""Sending letters."""

from tenant_apps.notifications.services.sending import send_mail

__all__ = ["send_mail"]
