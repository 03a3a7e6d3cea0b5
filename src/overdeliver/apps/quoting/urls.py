"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.quoting import pages, public

urlpatterns = [
    path("quoting/", pages.listed, name="quoting"),
    path("quoting/runs", pages.runs, name="quoting_runs"),
    path("quoting/learn", pages.learn, name="quoting_learn"),
    path("quoting/policy/", pages.policy, name="quoting_policy"),
    path("quoting/of/<str:slug>/", pages.service, name="quoting_service"),
    path("quoting/of/<str:slug>/margin", pages.margin, name="quoting_margin"),
    path("quoting/of/<str:slug>/prices", pages.prices, name="quoting_prices"),
    path("quoting/of/<str:slug>/<int:version>/publish", pages.publish, name="quoting_publish"),
    path("quoting/of/<str:slug>/<int:version>/back", pages.roll_back, name="quoting_roll_back"),
    path("q/<str:slug>.js", public.script, name="quote_script"),
    path("q/<str:slug>/quote", public.quote, name="quote_public"),
    path("q/<str:slug>/", public.page, name="quote_page"),
]
