from django.urls import path

from komek.operations import views

urlpatterns = [
    path("operations/", views.operations, name="operations"),
    path("operations/choose/", views.choose, name="choose_operation"),
]
