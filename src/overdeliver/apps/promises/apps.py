"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """The promise ledger: order, promise, outcome, verdict."""

    name = "overdeliver.apps.promises"
    default_auto_field = "django.db.models.BigAutoField"
