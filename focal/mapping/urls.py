"""Addresses of the mapping."""

from django.urls import path, re_path

from focal.mapping.urls_insight import insight_patterns
from focal.mapping.views import frames, importing, organisations, reading, writing

app_name = "mapping"
REFERENCE = r"^(?P<reference>[0-9a-z]{14})/"

urlpatterns = [
    *insight_patterns,
    path("", reading.home, name="home"),
    re_path(r"^(?P<kinds>needs|responses|initiatives)/$", reading.list_kind, name="list"),
    re_path(r"^(?P<kinds>needs|responses|initiatives)/new/$", writing.new, name="new"),
    re_path(r"^(?P<kinds>needs|responses|initiatives)/likely/$", writing.likely, name="likely"),
    re_path(REFERENCE + "edit/$", writing.edit, name="edit"),
    re_path(REFERENCE + "still-true/$", writing.confirm, name="confirm"),
    re_path(REFERENCE + "ask/$", writing.ask, name="ask"),
    re_path(r"^partner/(?P<secret>[0-9A-Za-z_-]{20,80})/$", writing.partner, name="partner"),
    path("plans/new/", frames.bring, name="frame_new"),
    re_path(r"^plans/(?P<reference>[0-9a-z]{14})/$", frames.frame, name="frame"),
    re_path(r"^plans/(?P<reference>[0-9a-z]{14})/carry/$", frames.carry, name="frame_carry"),
    path("burden/", frames.burden, name="burden"),
    path("import/", importing.bring, name="import"),
    re_path(
        r"^import/template/(?P<organisation>[0-9a-z]{14})/$", importing.template, name="template"
    ),
    re_path(r"^import/(?P<reference>[0-9a-z]{14})/$", importing.show_job, name="import_job"),
    re_path(
        r"^import/(?P<reference>[0-9a-z]{14})/columns/$", importing.columns, name="import_columns"
    ),
    re_path(
        r"^import/(?P<reference>[0-9a-z]{14})/(?P<name>apply|undo|check)/$",
        importing.step,
        name="import_step",
    ),
    re_path(
        r"^import/(?P<reference>[0-9a-z]{14})/decide/$", importing.decide, name="import_decide"
    ),
    re_path(
        r"^import/(?P<reference>[0-9a-z]{14})/errors\.xlsx$",
        importing.errors,
        name="import_errors",
    ),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/decide/", organisations.decide, name="organisations_decide"),
    path("organisations/merges/<int:key>/undo/", organisations.undo, name="organisations_undo"),
    re_path(REFERENCE + "$", reading.record, name="record"),
]
