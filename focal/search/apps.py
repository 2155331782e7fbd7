from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "focal.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.outbox.registry import Consumer, register  # noqa: PLC0415 -- as Django asks
        from focal.search import nearness, services  # noqa: PLC0415 -- as Django asks
        from focal.search.registry import REREAD  # noqa: PLC0415 -- as Django asks

        words = Consumer(
            "words",
            frozenset({"record", REREAD}),
            services.index_keys,
            batch=200,
            thread="words",
        )
        register(words)
        nearness.register_consumers()
