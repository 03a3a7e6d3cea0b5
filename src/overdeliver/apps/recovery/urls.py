"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.recovery import hooks, pages, pages_causes, pages_codes, pages_steps, public

urlpatterns = [
    path("cases/", pages.listed, name="cases"),
    path("cases/new/", pages.note, name="case_new"),
    path("cases/causes/", pages_causes.listed, name="causes"),
    path("cases/causes/<int:number>/", pages_causes.cause, name="cause"),
    path("cases/causes/<int:number>/change", pages_causes.change, name="cause_change"),
    path("cases/lessons/", pages_causes.lessons, name="lessons"),
    path("cases/door/", pages_codes.door, name="case_door"),
    path("cases/door/code.svg", pages_codes.drawn, name="case_code_svg"),
    path("cases/door/code.png", pages_codes.dotted, name="case_code_png"),
    path("cases/<int:number>/", pages.case, name="case"),
    path("cases/<int:number>/step", pages_steps.step, name="case_step"),
    path("cases/<int:number>/owner", pages.owner, name="case_owner"),
    path("cases/<int:number>/merge", pages.merge, name="case_merge"),
    path("cases/<int:number>/customer", pages.link, name="case_customer"),
    path("cases/<int:number>/files/<int:file>", pages.attachment, name="case_file"),
    path("c/", public.door, name="complain"),
    path("c/o/<str:token>/", public.door_of_order, name="complain_order"),
    path("c/t/<str:slug>/", public.door_of_touchpoint, name="complain_touchpoint"),
    path("c/k/<str:token>/", public.case, name="complaint"),
    path("c/k/<str:token>/judge", public.judge, name="complaint_judge"),
    path("c/k/<str:token>/choose", public.choose, name="complaint_choose"),
    path("hooks/mail/in/<str:provider>/", hooks.mail_in, name="complaint_mail"),
]
