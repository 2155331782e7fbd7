from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "focal.surveys"
    label = "surveys"
    default_auto_field = "django.db.models.BigAutoField"
