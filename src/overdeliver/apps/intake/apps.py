"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """Data coming in: files, webhooks."""

    name = "overdeliver.apps.intake"
    default_auto_field = "django.db.models.BigAutoField"
