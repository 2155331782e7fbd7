"""Sign-in and second factors (allauth), and Focal's own account pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
]
