"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """What to promise: quotes, learned models, publishing."""

    name = "overdeliver.apps.quoting"
    default_auto_field = "django.db.models.BigAutoField"
