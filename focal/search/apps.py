from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "focal.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"
