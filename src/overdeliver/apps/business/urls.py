"""The doors of this chapter."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
