"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.intake import pages

urlpatterns = [
    path("imports/", pages.listed, name="imports"),
    path("imports/new", pages.upload, name="import_upload"),
    path("imports/<str:reference>/", pages.one, name="import"),
    path("imports/<str:reference>/progress", pages.progress, name="import_progress"),
    path("imports/<str:reference>/answer", pages.answer, name="import_answer"),
    path("imports/<str:reference>/step", pages.step, name="import_step"),
    path("imports/<str:reference>/rejected.csv", pages.rejects, name="import_rejects"),
]
