"""Django's registration of the app."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """The people of a marketplace and what they may do."""

    name = "tenant_apps.members"
    label = "members"
    default_auto_field = "django.db.models.BigAutoField"
