"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """Plans of care: reassurance, thanks, calls, materials, and what they bring."""

    name = "overdeliver.apps.care"
    default_auto_field = "django.db.models.BigAutoField"
