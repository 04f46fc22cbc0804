from django.urls import path

from komek.accounts import views

urlpatterns = [
    path("account/", views.account, name="account"),
]
