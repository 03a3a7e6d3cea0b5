"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """What needs a person today, and the money page."""

    name = "overdeliver.apps.desk"
    default_auto_field = "django.db.models.BigAutoField"
