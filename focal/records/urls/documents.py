"""Addresses of documents: reading them, bringing them, and those of one record."""

from django.urls import path, re_path

from focal.records.views import documents as views

DOCUMENT = r"^documents/(?P<reference>[0-9a-z]{14})/"
PAGE = DOCUMENT + r"pages/(?P<number>[1-9]\d{0,5})/"

urlpatterns = [
    path("library/import/", views.bring, name="import"),
    re_path(r"^library/import/(?P<reference>[0-9a-z]{14})/$", views.show_job, name="import_job"),
    re_path(
        r"^library/import/(?P<reference>[0-9a-z]{14})/undo/$", views.undo_job, name="import_undo"
    ),
    re_path(DOCUMENT + "$", views.show_document, name="document"),
    re_path(DOCUMENT + "download$", views.download, name="document_download"),
    re_path(PAGE + "$", views.show_page, name="document_page"),
    re_path(PAGE + "picture$", views.show_picture, name="document_picture"),
    re_path(r"^records/(?P<reference>[0-9a-z]{14})/documents/$", views.manage, name="attachments"),
]
