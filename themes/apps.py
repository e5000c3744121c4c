"""The themes app: no models, only the engine's template tags and start-up checks."""

from django.apps import AppConfig


class ThemesConfig(AppConfig):
    name = "themes"
    verbose_name = "Themes"

    def ready(self) -> None:
        from themes import checks  # noqa: F401  # importing registers them
