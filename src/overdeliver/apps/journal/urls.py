"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.journal import pages

urlpatterns = [
    path("journal/", pages.log, name="journal"),
    path("why/<path:subject>/", pages.why, name="why"),
]
