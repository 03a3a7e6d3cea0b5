"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.business import (
    logo,
    pages,
    pages_hours,
    pages_policies,
    pages_services,
    pages_touchpoints,
    pages_welcome,
)

urlpatterns = [
    path("welcome/", pages_welcome.welcome, name="welcome"),
    path("welcome/ready/", pages_welcome.ready, name="welcome_ready"),
    path("welcome/look-around/", pages_welcome.look_around, name="welcome_look_around"),
    path("settings/", pages.overview, name="settings"),
    path("settings/business/", pages.profile, name="settings_business"),
    path("settings/logo/", pages.keep_logo, name="settings_logo"),
    path("logo/<str:name>", logo.picture, name="logo"),
    path("settings/undo/", pages.undo, name="settings_undo"),
    path("settings/services/", pages_services.services, name="settings_services"),
    path("settings/services/new/", pages_services.service, name="settings_service_new"),
    path("settings/services/<str:slug>/", pages_services.service, name="settings_service"),
    path("settings/services/<str:slug>/retire/", pages_services.retire, name="settings_retire"),
    path("settings/services/<str:slug>/move/", pages_services.move, name="settings_move"),
    path("settings/levers/", pages_services.levers, name="settings_levers"),
    path("settings/levers/choose/", pages_services.choose_lever, name="settings_choose_lever"),
    path("settings/hours/", pages_hours.hours, name="settings_hours"),
    path("settings/hours/week/", pages_hours.week, name="settings_week"),
    path("settings/hours/day/", pages_hours.special, name="settings_special"),
    path("settings/hours/day/drop/", pages_hours.drop_special, name="settings_drop_special"),
    path("settings/touchpoints/", pages_touchpoints.touchpoints, name="settings_touchpoints"),
    path("settings/touchpoints/new/", pages_touchpoints.touchpoint, name="settings_touch_new"),
    path(
        "settings/touchpoints/<str:slug>/", pages_touchpoints.touchpoint, name="settings_touchpoint"
    ),
    path(
        "settings/touchpoints/<str:slug>/retire/",
        pages_touchpoints.retire,
        name="settings_touch_retire",
    ),
    path("settings/policies/", pages_policies.policies, name="settings_policies"),
    path("settings/policies/<str:kind>/", pages_policies.policy, name="settings_policy"),
    path(
        "settings/policies/<str:kind>/change/",
        pages_policies.change,
        name="settings_policy_change",
    ),
    path(
        "settings/policies/<str:kind>/restore/",
        pages_policies.restore,
        name="settings_policy_restore",
    ),
]
