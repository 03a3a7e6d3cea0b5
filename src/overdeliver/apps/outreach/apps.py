"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """Messages out: templates, channels, the outbox."""

    name = "overdeliver.apps.outreach"
    default_auto_field = "django.db.models.BigAutoField"
