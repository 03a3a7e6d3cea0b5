"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """Complaints and what is done about them."""

    name = "overdeliver.apps.recovery"
    default_auto_field = "django.db.models.BigAutoField"
