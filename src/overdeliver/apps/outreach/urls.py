"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.outreach import pages, pages_hooks, pages_texts

urlpatterns = [
    path("messages/", pages.listed, name="messages"),
    path("messages/release/", pages.release_held, name="messages_release"),
    path("messages/<int:number>/", pages.one, name="message"),
    path("messages/<int:number>/act/", pages.act, name="message_act"),
    path("settings/webhooks/", pages_hooks.listed, name="settings_webhooks"),
    path("settings/webhooks/add/", pages_hooks.add, name="settings_webhook_add"),
    path("settings/webhooks/<int:number>/", pages_hooks.one, name="settings_webhook"),
    path("settings/webhooks/<int:number>/act/", pages_hooks.act, name="settings_webhook_act"),
    path("settings/templates/", pages_texts.listed, name="settings_templates"),
    path("settings/templates/<str:name>/<str:tongue>/", pages_texts.one, name="settings_template"),
    path(
        "settings/templates/<str:name>/<str:tongue>/save/",
        pages_texts.save,
        name="settings_template_save",
    ),
]
