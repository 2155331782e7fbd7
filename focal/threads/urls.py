"""Addresses of conversations."""

from django.urls import path, re_path

from focal.threads import views

app_name = "threads"
REFERENCE = r"(?P<reference>[0-9a-z]{14})"

urlpatterns = [
    path("", views.list_own, name="list"),
    re_path(rf"^{REFERENCE}/$", views.thread, name="thread"),
    re_path(rf"^of/{REFERENCE}/$", views.of_record, name="of_record"),
    re_path(rf"^{REFERENCE}/autosave/$", views.thread_autosave, name="thread_autosave"),
    re_path(rf"^{REFERENCE}/afresh/$", views.thread_afresh, name="thread_afresh"),
    re_path(rf"^of/{REFERENCE}/autosave/$", views.message_autosave, name="message_autosave"),
    re_path(rf"^of/{REFERENCE}/afresh/$", views.message_afresh, name="message_afresh"),
    re_path(rf"^posts/{REFERENCE}/withdraw/$", views.withdraw, name="withdraw"),
    re_path(rf"^files/{REFERENCE}/$", views.file, name="file"),
]
