from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "focal.surveys"
    label = "surveys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.surveys import wiring  # noqa: PLC0415 -- models must be loaded first

        wiring.wire()
