from django.urls import path

from komek.accounts import account_list, consent_views, history_views, views

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/data.json", views.data, name="account_data"),
    path("account/delete/", views.delete, name="account_delete"),
    path("account/asked/", views.asked, name="account_asked"),
    path("account/consents/", consent_views.consents, name="consents"),
    path("account/consents/give/<str:purpose>/", consent_views.give, name="consent_give"),
    path("account/consents/<int:pk>/withdraw/", consent_views.withdraw, name="consent_withdraw"),
    path("account/second-factor/", views.second_factor, name="second_factor"),
    path("account/phone/forget/", views.drop_phone, name="account_forget_phone"),
    path("account/waiting/", account_list.accounts, name="accounts_waiting"),
    path("account/waiting/<int:pk>/", views.decide, name="account_decide"),
    path("history/<str:app_label>/<str:model_name>/<int:pk>/", history_views.history, name="history"),
]
