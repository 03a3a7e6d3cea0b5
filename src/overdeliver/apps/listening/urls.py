"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.listening import pages

urlpatterns = [
    path("answers/", pages.listed, name="answers"),
    path("a/<str:token>/", pages.question, name="question"),
]
