"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.outreach import (
    pages,
    pages_blocked,
    pages_choices,
    pages_hooks,
    pages_letters,
    pages_returns,
    pages_texts,
)

urlpatterns = [
    path("messages/", pages.listed, name="messages"),
    path("messages/release/", pages.release_held, name="messages_release"),
    path("messages/<int:number>/", pages.one, name="message"),
    path("messages/<int:number>/act/", pages.act, name="message_act"),
    path("letters/", pages_letters.listed, name="letters"),
    path("letters/print/", pages_letters.start, name="letters_print"),
    path("letters/runs/<int:number>/", pages_letters.run, name="letter_run"),
    path("letters/runs/<int:number>/act/", pages_letters.act, name="letter_run_act"),
    path("letters/runs/<int:number>.pdf", pages_letters.document, name="letter_run_pdf"),
    path("letters/<int:number>/proof.pdf", pages_letters.proof, name="letter_proof"),
    path("u/<str:token>/", pages_choices.choices, name="choices"),
    path("hooks/mail/<str:provider>/", pages_returns.returned, name="mail_returned"),
    path("settings/blocked/", pages_blocked.blocked, name="settings_blocked"),
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
