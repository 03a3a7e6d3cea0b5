"""The chapter as Django knows it."""

from django.apps import AppConfig


class Chapter(AppConfig):
    """How every page looks and speaks: frame, tokens, words, numbers, who may see it."""

    name = "overdeliver.apps.look"
    default_auto_field = "django.db.models.BigAutoField"
