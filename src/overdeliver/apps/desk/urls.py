"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.desk import loyalty, money, pages

urlpatterns = [
    path("", pages.today, name="today"),
    path("today/mark", pages.mark, name="today_mark"),
    path("today/why/<path:key>/", pages.why, name="today_why"),
    path("today/undo", pages.bring_back, name="today_undo"),
    path("loyalty/", loyalty.page, name="loyalty"),
    path("loyalty/customers/", loyalty.listed, name="loyal_customers"),
    path("money/", money.page, name="money"),
]
