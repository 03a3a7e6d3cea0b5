"""The chapter as Django knows it."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class Chapter(AppConfig):
    """What happened and why: events, their delivery, decisions."""

    name = "overdeliver.apps.journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Every chapter's ``listeners`` are known before the first event is written."""
        autodiscover_modules("listeners")
