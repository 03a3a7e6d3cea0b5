"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """The business itself: services, levers, touchpoints, opening hours, policies."""

    name = "overdeliver.apps.business"
    default_auto_field = "django.db.models.BigAutoField"
