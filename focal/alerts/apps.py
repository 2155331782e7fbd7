from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "focal.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.alerts import wiring  # noqa: PLC0415 -- models must be loaded first

        wiring.wire()
