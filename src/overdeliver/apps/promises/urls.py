"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.promises import pages, pages_life, pages_moved, public, reliability

urlpatterns = [
    path("promises/", pages.listed, name="promises"),
    path("promises.csv", pages.download, name="promises_csv"),
    path("promises/moved/", pages_moved.moved, name="promises_moved"),
    path("promises/new/", pages_life.new, name="promise_new"),
    path("promises/<path:reference>/outcome", pages_life.outcome, name="promise_outcome"),
    path("promises/<path:reference>/revise", pages_life.revise, name="promise_revise"),
    path("promises/<path:reference>/", pages_life.life, name="promise"),
    path("orders/<path:reference>/next", pages.next_step, name="order_next"),
    path("orders/<path:reference>/cancel", pages.cancel, name="order_cancel"),
    path("orders/<path:reference>/", pages.order, name="order"),
    path("s/<str:token>/", public.status, name="status"),
    path("reliability/", reliability.page, name="reliability"),
]
