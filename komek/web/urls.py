from django.urls import include, path
from django.views.i18n import set_language

from komek.web import views
from komek.web.read_pages import ReadList
from komek.web.style_guide import style_guide

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("search/", views.find, name="search"),
    path("lookup/<str:key>/", views.lookup, name="lookup"),
    path("drafts/", views.draft, name="draft"),
    path("views/", views.saved_views, name="saved_views"),
    path("views/save/", views.save_view, name="save_view"),
    path("views/unsubscribe/<str:key>/", views.unsubscribe, name="unsubscribe"),
    path("style-guide/", style_guide, name="style_guide"),
    path("protected-reads/", ReadList.as_view(), name="protected_reads"),
    path("theme/", views.theme, name="theme"),
    path("language/", set_language, name="set_language"),
    path("", include("komek.web.urls_operations")),
    path("", include("komek.web.urls_supplies")),
]
