"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.look import pages

urlpatterns = [path("choose", pages.choose, name="choose")]
