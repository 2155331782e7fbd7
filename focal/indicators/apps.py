from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "focal.indicators"
    label = "indicators"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.indicators import wiring  # noqa: PLC0415 -- models must be loaded first

        wiring.wire()
