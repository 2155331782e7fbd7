"""Addresses of writing, translating, sharing and publishing records."""

from django.urls import path, re_path

from focal.records.views import editing as views

KIND = r"^records/new/(?P<kind>[a-z_]{2,20})/"
RECORD = r"^records/(?P<reference>[0-9a-z]{14})/"
LANGUAGE = r"(?P<language>[A-Za-z-]{2,12})/"

urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("records/new/", views.new, name="new"),
    path("records/choose/", views.choose, name="choose"),
    re_path(KIND + "$", views.new_kind, name="new_kind"),
    re_path(KIND + "autosave/$", views.new_autosave, name="new_autosave"),
    re_path(KIND + "discard/$", views.new_discard, name="new_discard"),
    re_path(KIND + "preview/$", views.new_preview, name="new_preview"),
    re_path(RECORD + "edit/$", views.edit, name="edit"),
    re_path(RECORD + "autosave/$", views.autosave, name="autosave"),
    re_path(RECORD + "discard/$", views.discard, name="discard"),
    re_path(RECORD + "preview/$", views.preview, name="preview"),
    re_path(RECORD + "step/(?P<step>[a-z]{3,12})/$", views.step, name="step"),
    re_path(RECORD + "delete/$", views.delete, name="delete"),
    re_path(RECORD + "history/$", views.history, name="history"),
    re_path(RECORD + "difference/$", views.difference, name="difference"),
    re_path(RECORD + "restore/(?P<number>[0-9]{1,6})/$", views.restore, name="restore"),
    re_path(RECORD + "sharing/$", views.sharing, name="sharing"),
    re_path(RECORD + "translations/$", views.translations, name="translations"),
    re_path(RECORD + "translate/" + LANGUAGE + "$", views.translate, name="translate"),
    re_path(
        RECORD + "translate/" + LANGUAGE + "autosave/$",
        views.translate_autosave,
        name="translate_autosave",
    ),
    re_path(
        RECORD + "translate/" + LANGUAGE + "remove/$",
        views.translation_remove,
        name="translation_remove",
    ),
]
