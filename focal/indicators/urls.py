"""Addresses of figures."""

app_name = "indicators"
urlpatterns: list = []
