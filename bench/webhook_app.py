"""An app that takes part in webhooks and does nothing about them: what is measured is the way to it."""

from django.apps import AppConfig


class WebhookApp(AppConfig):
    """Wants to know of customers."""

    name = "bench"
    label = "bench"

    def ready(self) -> None:
        from shared_apps.webhook_inbox.appliers import registry
        from shared_apps.webhook_inbox.services import register_applier

        # In the place of those who take part in service.
        registry._appliers.clear()  # noqa: SLF001  # as in the tests: in service nobody leaves
        register_applier("customer", look_away)


def look_away(_kind: str, _object_id: str) -> None:
    """The answer of a Stripe that is next door."""
