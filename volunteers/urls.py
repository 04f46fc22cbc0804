"""Addresses of the registry of pledges. Each part brings its own."""

from django.urls import path

from volunteers import form_pages, list_page, pledge_pages, presence_pages, public_pages, reconcile_pages
from volunteers.people import form_pages as person_forms
from volunteers.people import list_page as person_list
from volunteers.people import pages as person_pages
from volunteers.people import public_pages as person_public
from volunteers.work import list_page as task_list
from volunteers.work import pages as task_pages

app_name = "volunteers"
urlpatterns = [
    path("pledge/", public_pages.follow_start, name="follow_start"),
    path("pledge/offer/", public_pages.offer, name="offer"),
    path("pledge/<str:code>/", public_pages.follow, name="follow"),
    path("pledge/<str:code>/answer/", public_pages.follow_answer, name="follow_answer"),
    path("helpers/", presence_pages.presence, name="presence"),
    path("helpers/<int:pk>/well/", presence_pages.well, name="well"),
    path("pledges/", list_page.PledgeList.as_view(), name="pledges"),
    path("pledges/add/", form_pages.PledgeAdd.as_view(), name="pledge_add"),
    path("pledges/reconciliation/", reconcile_pages.reconciliation, name="reconciliation"),
    path("pledges/<str:code>/", pledge_pages.pledge_page, name="pledge"),
    path("pledges/<str:code>/change/", form_pages.PledgeChange.as_view(), name="pledge_change"),
    path("pledges/<str:code>/item/", form_pages.PledgeItem.as_view(), name="pledge_item"),
    path("pledges/<str:code>/commit/", form_pages.PledgeCommit.as_view(), name="pledge_commit"),
    path("pledges/<str:code>/step/<slug:step>/", form_pages.PledgeStepTaken.as_view(), name="pledge_step"),
    path("pledges/<str:code>/uses/<int:pk>/release/", form_pages.use_released, name="use_released"),
    path("volunteer/", person_public.apply, name="apply"),
    path("volunteer/thanks/", person_public.applied, name="applied"),
    path("volunteers/", person_list.VolunteerList.as_view(), name="volunteers"),
    path("volunteers/add/", person_forms.VolunteerAdd.as_view(), name="volunteer_add"),
    path("volunteers/skills/", person_pages.skill_list, name="skills"),
    path("volunteers/skills/add/", person_forms.SkillKeep.as_view(), name="skill_add"),
    path("volunteers/skills/<int:pk>/", person_forms.SkillKeep.as_view(), name="skill_change"),
    path("volunteers/<str:code>/", person_pages.volunteer_page, name="volunteer"),
    path("volunteers/<str:code>/change/", person_forms.VolunteerChange.as_view(), name="volunteer_change"),
    path("volunteers/<str:code>/check/", person_forms.CheckAdd.as_view(), name="check_add"),
    path("volunteers/<str:code>/skill/", person_forms.SkillOf.as_view(), name="skill_of"),
    path("volunteers/<str:code>/skill/<int:pk>/drop/", person_pages.skill_dropped, name="skill_dropped"),
    path("volunteers/<str:code>/protected/", person_pages.protected, name="protected"),
    path("volunteers/<str:code>/step/<slug:step>/", person_forms.VolunteerStep.as_view(), name="volunteer_step"),
    path("tasks/", task_list.TaskList.as_view(), name="tasks"),
    path("tasks/add/", task_pages.TaskAdd.as_view(), name="task_add"),
    path("tasks/mine/", task_pages.my_tasks, name="my_tasks"),
    path("tasks/assignments/<int:pk>/", task_pages.assignment, name="assignment"),
    path("tasks/<str:code>/", task_pages.task_page, name="task"),
    path("tasks/<str:code>/change/", task_pages.TaskChange.as_view(), name="task_change"),
    path("tasks/<str:code>/ask/", task_pages.task_ask, name="task_ask"),
    path("tasks/<str:code>/step/<slug:step>/", task_pages.TaskStep.as_view(), name="task_step"),
]
