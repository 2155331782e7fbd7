"""What runs beside the platform in processes of its own: `python -m tests.crashes.scripts NAME`.

`prepare` makes the cast and a signed-in session, `write` makes facts until it is killed, and
`inspect` tells what stands in the database. Each prints one JSON document (`write` none).
"""

import json
import os
import random
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "focal.config.settings")


def prepare() -> dict:
    """An editor with a session that has shown a second factor, and a reader."""
    from importlib import import_module

    from django.conf import settings

    from focal.directory.models import Membership, Organisation, Person

    organisation = Organisation.objects.create(name="Crashing ministry", reference="crashing222222")
    people = {}
    for name in ("editor", "reader"):
        person = Person.objects.create_person(email=f"{name}@example.org", full_name=name.title())
        Membership.objects.create(
            person=person,
            organisation=organisation,
            role=Membership.Role.EDITOR if name == "editor" else Membership.Role.MEMBER,
        )
        people[name] = person
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["_auth_user_id"] = str(people["editor"].pk)
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session["_auth_user_hash"] = people["editor"].get_session_auth_hash()
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time()},
        {"method": "mfa", "at": time.time(), "type": "totp"},
    ]
    session["account_authentication_methods_user"] = str(people["editor"].pk)
    session.save()
    return {"session": session.session_key, **{name: one.pk for name, one in people.items()}}


def write() -> None:
    """Records with a letter and a notice each, in one transaction; some are withdrawn again."""
    from django.db import OperationalError, transaction
    from django.utils import timezone

    from focal.alerts.notices import notify
    from focal.directory.models import Organisation, Person
    from focal.mail.services import send_letter
    from focal.records import services
    from focal.sharing.viewer import Viewer

    editor = Person.objects.get(email="editor@example.org")
    reader = Person.objects.get(email="reader@example.org")
    organisation = Organisation.objects.get(reference="crashing222222")
    by = Viewer.from_person(editor, on=timezone.localdate())
    while True:
        try:
            with transaction.atomic():
                at = timezone.now()
                record = services.create_record(
                    kind="news",
                    content={"title": "Crashing heron", "language": "en", "summary": "A heron."},
                    owner_organisation=organisation,
                    by=by,
                    at=at,
                )
                record = services.take_step(record=record, step="publish", by=by, at=at)
                send_letter(
                    to=reader.email,
                    kind="crash",
                    subject=f"About {record.reference}",
                    text="A heron.",
                    at=at,
                    once=record.reference,
                )
                notify(
                    person_ids=[reader.pk],
                    kind="crash",
                    text="A heron.",
                    url=record.get_absolute_url(),
                    at=at,
                    record=record.reference,
                    key=record.reference,
                )
            if random.random() < 0.3:
                services.take_step(
                    record=record, step="withdraw", by=by, at=timezone.now(), reason="Wrong."
                )
        except OperationalError:
            time.sleep(0.2)  # the database was busy; the fact was not made
        time.sleep(random.random() * 0.1)


def inspect() -> dict:
    """What stands in the database, the log, the queue and the index."""
    from collections import Counter

    from focal.alerts.models import Item
    from focal.audit.models import Entry as LogEntry
    from focal.audit.services import verify
    from focal.mail.models import Letter
    from focal.outbox.services import count_waiting
    from focal.records.finding import search as finding
    from focal.records.models import OUT, Record, Transition, Version
    from focal.sharing.viewer import ANONYMOUS

    verdict = verify()
    records = Record.objects.for_system("a crash test compares everything")
    logged: dict[str, Counter] = {}
    for action, key in LogEntry.objects.filter(target_kind="record").values_list(
        "action", "target_key"
    ):
        logged.setdefault(key, Counter())[action] += 1
    rows = {}
    for pk, reference, state, title in records.values_list("pk", "reference", "state", "title"):
        rows[reference] = {
            "state": state,
            "title": title,
            "steps": Transition.objects.filter(record_id=pk).exclude(from_state="").count(),
            "versions": Version.objects.filter(record_id=pk).count(),
            "is_out": state in OUT,
        }
    wish = finding.Wish(text="heron", meaning=False)
    answer = finding.find(ANONYMOUS, wish, language="en", limit=100_000)
    found = {one.record.reference for one in answer.records}
    return {
        "intact": verdict.intact,
        "entries": verdict.entries,
        "records": rows,
        "logged": {key: dict(counts) for key, counts in logged.items()},
        "waiting": count_waiting(),
        "letters": list(
            Letter.objects.filter(kind="crash").values_list("once", "state", "reference")
        ),
        "notices": list(Item.objects.filter(kind="crash").values_list("key", flat=True)),
        "found": sorted(found),
    }


if __name__ == "__main__":
    import django

    django.setup()
    told = {"prepare": prepare, "write": write, "inspect": inspect}[sys.argv[1]]()
    sys.stdout.write(json.dumps(told, default=str))
