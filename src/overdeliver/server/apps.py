"""The server as Django knows it."""

from django.apps import AppConfig


class Server(AppConfig):
    """What watches over the whole: beats of workers."""

    name = "overdeliver.server"
    label = "server"
    default_auto_field = "django.db.models.BigAutoField"
