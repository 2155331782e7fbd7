"""The root of all addresses. Every named one must have a rule in tests/doors.py."""

from django.urls import include, path

urlpatterns = [
    path("", include("focal.web.urls")),
    path("", include("focal.records.urls")),
    path("figures/", include("focal.indicators.urls")),
    path("", include("focal.directory.urls")),
    path("sharing/", include("focal.sharing.urls")),
    path("mail/", include("focal.mail.urls")),
    path("alerts/", include("focal.alerts.urls")),
    path("threads/", include("focal.threads.urls")),
    path("inquiries/", include("focal.inquiries.urls")),
    path("mapping/", include("focal.mapping.urls")),
    path("surveys/", include("focal.surveys.urls")),
    path("briefings/", include("focal.briefings.urls")),
]
handler400 = "focal.web.views.bad_request"
handler403 = "focal.web.views.permission_denied"
handler404 = "focal.web.views.page_not_found"
handler500 = "focal.web.views.server_error"
