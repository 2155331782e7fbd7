from django.apps import AppConfig


class BriefingsConfig(AppConfig):
    name = "focal.briefings"
    label = "briefings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.briefings import wiring  # noqa: PLC0415 -- models must be loaded first

        wiring.wire()
