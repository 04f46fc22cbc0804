"""Addresses of sites, activities and coverage."""

from django.urls import path

from orgs import activity_pages, site_contact_pages, site_pages

urlpatterns = [
    path("sites/", site_pages.SiteList.as_view(), name="sites"),
    path("sites/add/", site_pages.SiteAdd.as_view(), name="site_add"),
    path("sites.geojson", site_pages.sites_geojson, name="sites_geojson"),
    path("sites/<str:code>/", site_pages.site, name="site"),
    path("sites/<str:code>/change/", site_pages.SiteChange.as_view(), name="site_change"),
    path("sites/<str:code>/contacts/", site_contact_pages.contacts, name="site_contacts"),
    path("sites/<str:code>/confirm/", site_pages.site_confirm, name="site_confirm"),
    path("activities/", activity_pages.ActivityList.as_view(), name="activities"),
    path("activities/add/", activity_pages.ActivityAdd.as_view(), name="activity_add"),
    path("activities/<str:code>/", activity_pages.activity, name="activity"),
    path("activities/<str:code>/change/", activity_pages.ActivityChange.as_view(), name="activity_change"),
    path("activities/<str:code>/confirm/", activity_pages.activity_confirm, name="activity_confirm"),
    path("coverage/", activity_pages.coverage_page, name="coverage"),
    path("coverage.geojson", activity_pages.coverage_geojson, name="coverage_geojson"),
    path("coverage/people-in-need/", activity_pages.PeopleInNeedAdd.as_view(), name="people_in_need_add"),
]
