"""Pages about rules: who answers, how long steps may take."""

from django.urls import path

from aid_requests import rule_pages

urlpatterns = [
    path("requests/rules/", rule_pages.rules, name="rules"),
    path("requests/rules/add/", rule_pages.RuleEdit.as_view(), name="rule_add"),
    path("requests/rules/<int:pk>/", rule_pages.RuleEdit.as_view(), name="rule"),
    path("requests/rules/<int:pk>/remove/", rule_pages.rule_remove, name="rule_remove"),
    path("requests/rules/route/", rule_pages.route, name="rules_route"),
    path("requests/rules/deadlines/", rule_pages.deadlines, name="deadlines"),
]
