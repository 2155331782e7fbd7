"""Addresses of records: finding and reading, documents, editing."""

from focal.records.urls import documents, editing, finding, sharing

app_name = "records"
urlpatterns = [
    *finding.urlpatterns,
    *documents.urlpatterns,
    *editing.urlpatterns,
    *sharing.urlpatterns,
]
