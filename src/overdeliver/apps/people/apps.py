"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """Customers, segments and consent; staff, roles, keys."""

    name = "overdeliver.apps.people"
    default_auto_field = "django.db.models.BigAutoField"
