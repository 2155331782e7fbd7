"""Addresses of figures."""

from django.urls import path, re_path

from focal.indicators import views

app_name = "indicators"
SERIES = r"^(?P<reference>[0-9a-z]{14})/"

urlpatterns = [
    path("", views.list_all, name="list"),
    re_path(SERIES + "$", views.series, name="series"),
    re_path(SERIES + r"data\.csv$", views.data, name="data"),
]
