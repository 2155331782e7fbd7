"""The app, and the one place where it listens: second factors are allauth's own rows.

Its signals come after the commit; those of the rows come inside the transaction, as the log
wants them. Its own signal of a new factor tells which session has just shown one.
"""

from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class DirectoryConfig(AppConfig):
    name = "focal.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_save.connect(_on_saved, sender="mfa.Authenticator")
        post_delete.connect(_on_deleted, sender="mfa.Authenticator")
        from allauth.mfa.signals import authenticator_added  # noqa: PLC0415 -- after the models

        authenticator_added.connect(_on_set_up)
        from focal.directory.leaving import remove_old_contact_data  # noqa: PLC0415 -- as above
        from focal.directory.limits import forget_attempts  # noqa: PLC0415 -- as above
        from focal.outbox.registry import Periodic, register_periodic  # noqa: PLC0415

        register_periodic(Periodic("directory.attempts", timedelta(days=1), forget_attempts))
        register_periodic(
            Periodic("directory.contact-data", timedelta(days=1), remove_old_contact_data)
        )


def _on_saved(*, instance: Any, created: bool, **_rest: Any) -> None:
    if created:  # later saves note that it was used
        _log("added", instance)


def _on_deleted(*, instance: Any, **_rest: Any) -> None:
    if instance.user.is_active:  # closing an account takes its factors along, and says so itself
        _log("removed", instance)


def _on_set_up(*, request: Any, user: Any, authenticator: Any, **_rest: Any) -> None:
    from focal.directory.factors import note_shown  # noqa: PLC0415 -- as below

    if authenticator.type != "recovery_codes":
        note_shown(request, user, kind=authenticator.type, key=authenticator.pk)


def _log(change: str, authenticator: Any) -> None:
    from django.utils import timezone  # noqa: PLC0415 -- models are not loaded before

    from focal.directory.services import log_second_factor  # noqa: PLC0415 -- as above

    log_second_factor(
        person=authenticator.user, change=change, kind=authenticator.type, at=timezone.now()
    )
