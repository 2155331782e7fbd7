"""Addresses of the mapping."""

from django.urls import path, re_path

from focal.mapping.urls_insight import insight_patterns
from focal.mapping.views import organisations, reading

app_name = "mapping"
REFERENCE = r"^(?P<reference>[0-9a-z]{14})/"

urlpatterns = [
    *insight_patterns,
    path("", reading.home, name="home"),
    re_path(r"^(?P<kinds>needs|responses|initiatives)/$", reading.list_kind, name="list"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/decide/", organisations.decide, name="organisations_decide"),
    path("organisations/merges/<int:key>/undo/", organisations.undo, name="organisations_undo"),
    re_path(REFERENCE + "$", reading.record, name="record"),
]
