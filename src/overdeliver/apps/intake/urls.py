"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.intake import hooks, pages, pages_sources

urlpatterns = [
    path("imports/", pages.listed, name="imports"),
    path("imports/new", pages.upload, name="import_upload"),
    path("imports/<str:reference>/", pages.one, name="import"),
    path("imports/<str:reference>/progress", pages.progress, name="import_progress"),
    path("imports/<str:reference>/answer", pages.answer, name="import_answer"),
    path("imports/<str:reference>/step", pages.step, name="import_step"),
    path("imports/<str:reference>/rejected.csv", pages.rejects, name="import_rejects"),
    path("hooks/<str:slug>/", hooks.receive, name="hook"),
    path("settings/sources/", pages_sources.listed, name="settings_sources"),
    path("settings/sources/<str:slug>/", pages_sources.one, name="settings_source"),
    path("settings/sources/<str:slug>/secret", pages_sources.secret, name="settings_source_secret"),
    path("settings/sources/<str:slug>/replay", pages_sources.replay, name="settings_source_replay"),
]
