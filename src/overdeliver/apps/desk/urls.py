"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.desk import money, pages

urlpatterns = [
    path("", pages.today, name="today"),
    path("today/mark", pages.mark, name="today_mark"),
    path("today/undo", pages.bring_back, name="today_undo"),
    path("money/", money.page, name="money"),
]
