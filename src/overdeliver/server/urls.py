"""Every door of the server."""

from django.urls import include, path

from overdeliver.server import enter, health, system
from overdeliver.server.api import api

urlpatterns = [
    path("", include("overdeliver.apps.desk.urls")),
    path("", include("overdeliver.apps.recovery.urls")),
    path("", include("overdeliver.apps.promises.urls")),
    path("", include("overdeliver.apps.quoting.urls")),
    path("", include("overdeliver.apps.care.urls")),
    path("", include("overdeliver.apps.people.urls")),
    path("", include("overdeliver.apps.intake.urls")),
    path("", include("overdeliver.apps.listening.urls")),
    path("", include("overdeliver.apps.outreach.urls")),
    path("", include("overdeliver.apps.business.urls")),
    path("", include("overdeliver.apps.journal.urls")),
    path("", include("overdeliver.apps.look.urls")),
    path("settings/system/", system.system, name="settings_system"),
    path("settings/system/<int:number>/retry", system.retry, name="settings_system_retry"),
    path("accounts/", include("overdeliver.server.signing")),
    path("api/v1/", api.urls),
    path("enter/<str:token>/", enter.enter, name="enter"),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.metrics),
]

handler400 = "overdeliver.server.problems.not_read"
handler404 = "overdeliver.server.problems.not_there"
handler500 = "overdeliver.server.problems.failed"
