"""Addresses of the mapping."""

from django.urls import path, re_path

from focal.mapping.views import reading

app_name = "mapping"
REFERENCE = r"^(?P<reference>[0-9a-z]{14})/"

urlpatterns = [
    path("", reading.home, name="home"),
    re_path(r"^(?P<kinds>needs|responses|initiatives)/$", reading.list_kind, name="list"),
    re_path(REFERENCE + "$", reading.record, name="record"),
]
