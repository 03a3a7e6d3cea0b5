"""The server as Django knows it."""

from django.apps import AppConfig


class Server(AppConfig):
    """Holds the management of the whole: static files of none, tables of none."""

    name = "overdeliver.server"
    label = "server"
