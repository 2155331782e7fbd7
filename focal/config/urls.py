"""The root of all addresses. Every named one must have a rule in tests/doors.py."""

from django.urls import include, path

urlpatterns = [
    path("", include("focal.web.urls")),
    path("", include("focal.records.urls")),
    path("figures/", include("focal.indicators.urls")),
    path("accounts/", include("focal.directory.urls")),
]
handler400 = "focal.web.views.bad_request"
handler403 = "focal.web.views.permission_denied"
handler404 = "focal.web.views.page_not_found"
handler500 = "focal.web.views.server_error"
