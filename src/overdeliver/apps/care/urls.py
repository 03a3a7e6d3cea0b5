"""The doors of this chapter."""

from django.urls import path

from overdeliver.apps.care import pages_materials, pages_plans, pages_tasks, public

urlpatterns = [
    path("care/", pages_plans.overview, name="care"),
    path("care/starters/", pages_plans.starters, name="care_starters"),
    path("care/plans/add/", pages_plans.add, name="care_plan_add"),
    path("care/plans/<slug:slug>/", pages_plans.plan, name="care_plan"),
    path("care/plans/<slug:slug>/change/", pages_plans.change, name="care_plan_change"),
    path("care/plans/<slug:slug>/switch/", pages_plans.switch, name="care_plan_switch"),
    path("care/plans/<slug:slug>/back/", pages_plans.back, name="care_plan_back"),
    path("care/plans/<slug:slug>/deadline/", pages_plans.move, name="care_plan_deadline"),
    path("care/tasks/", pages_tasks.listed, name="care_tasks"),
    path("care/tasks/<int:number>/", pages_tasks.one, name="care_task"),
    path("care/tasks/<int:number>/outcome/", pages_tasks.settle, name="care_task_settle"),
    path("care/tasks/<int:number>/reopen/", pages_tasks.reopen, name="care_task_reopen"),
    path("care/steps/", pages_tasks.steps, name="care_steps"),
    path("care/steps/<int:number>/act/", pages_tasks.act, name="care_step_act"),
    path("care/people/<path:reference>/", pages_tasks.person, name="care_person"),
    path("care/materials/", pages_materials.listed, name="care_materials"),
    path("care/materials/add/", pages_materials.one, name="care_material_add"),
    path("care/materials/<int:number>/", pages_materials.one, name="care_material"),
    path("care/calendar/", pages_materials.feed, name="care_feed"),
    path("care/calendar/change/", pages_materials.change_feed, name="care_feed_change"),
    path("m/<str:token>/", public.share, name="care_share"),
    path("m/<str:token>/pdf", public.share_pdf, name="care_share_pdf"),
    path("calendar/<str:token>.ics", public.calendar, name="care_calendar"),
]
