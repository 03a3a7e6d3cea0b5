"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """What customers said."""

    name = "overdeliver.apps.listening"
    default_auto_field = "django.db.models.BigAutoField"
