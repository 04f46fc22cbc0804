"""Addresses of the pages about households and people."""

from django.urls import path

from camps import card_pages, desk_pages, double_pages, paper_pages, people_forms, people_pages

urlpatterns = [
    # Not below camps/: there the next part is a site's code.
    path("double-registrations/", double_pages.doubles, name="doubles"),
    path("camps/<str:code>/people/", people_pages.HouseholdList.as_view(), name="people"),
    path("camps/<str:code>/people/list/", paper_pages.PaperListPage.as_view(), name="paper_list"),
    path("camps/<str:code>/desk/", desk_pages.Desk.as_view(), name="desk"),
    path("camps/<str:code>/cards/", card_pages.cards, name="cards"),
    path("camps/households/<str:code>/card/", card_pages.card, name="card"),
    path("camps/lists/<int:pk>/", paper_pages.scan, name="scan"),
    path("camps/households/<str:code>/", people_pages.household, name="household"),
    path("camps/households/<str:code>/change/", people_forms.HouseholdChange.as_view(), name="household_change"),
    path("camps/households/<str:code>/members/add/", people_forms.PersonAdd.as_view(), name="member_add"),
    path("camps/persons/<str:code>/change/", people_forms.PersonChange.as_view(), name="person_change"),
]
