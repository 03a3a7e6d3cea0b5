"""The server as Django knows it."""

from django.apps import AppConfig


class Server(AppConfig):
    """What watches over the whole: beats of workers."""

    name = "overdeliver.server"
    label = "server"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Its page stands among the settings."""
        from overdeliver.apps.business.settings_lines import stands_in_settings

        stands_in_settings("settings_system", "journal.system.title", "journal.system.about")
