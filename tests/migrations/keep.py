"""Keep a database of the present state, full of data, for the tests of the next upgrade.

Run in a checkout of the state that others have installed:
`python -m tests.migrations.keep tests/migrations/landed.sql.gz`.
"""

import gzip
import os
import sqlite3
import sys
import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def main() -> None:
    """Fill a database with starter content and the world of the tests, and write it down."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FOCAL_DATA": folder, "DJANGO_SETTINGS_MODULE": "focal.config.settings"}
        import django

        django.setup()
        fill()
        kept = sqlite3.connect(Path(folder, "focal.sqlite3"))
        text = "\n".join(kept.iterdump())
        kept.close()
    Path(sys.argv[1]).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def fill() -> None:
    """Starter content, the example, the world of the tests, and a row in every other table."""
    from django.apps import apps
    from django.core.management import call_command

    from focal.mapping.example.services import add_example
    from focal.web.services import load_starter

    call_command("migrate", interactive=False, verbosity=0)
    load_starter(at=NOON)
    add_example(at=NOON)
    from tests.world import add_record, all_records, make_cast

    world = make_cast()
    for number, (sharing, kind) in enumerate(all_records()):
        add_record(world, sharing, kind, number)
    waiting = set(apps.get_models(include_auto_created=True))
    while made := {model for model in waiting if _has_row(model)}:
        waiting -= made
    for model in sorted(waiting, key=lambda model: model._meta.label):
        sys.stderr.write(f"left empty: {model._meta.label}\n")


def _has_row(model: Any) -> bool:
    """Whether the table has a row; one of any values is put in where it has none."""
    from django.db import Error, models, transaction

    rows = model._base_manager
    if rows.exists():
        return True
    try:
        targets: Counter[Any] = Counter()  # two places that point to one table name two rows
        values = {
            field.name: _make_value(field, targets)
            for field in model._meta.local_concrete_fields
            if not isinstance(field, models.AutoField) and not field.has_default()
        }
        with transaction.atomic():
            model(**values).save_base(raw=True, force_insert=True)
    except (LookupError, Error):
        return False
    return True


def _make_value(field: Any, targets: Counter[Any]) -> Any:
    """A value of the field's type; LookupError while what it points to is not there."""
    if field.is_relation:
        targets[field.related_model] += 1
        rows = field.related_model._base_manager.order_by("pk")[: targets[field.related_model]]
        found = list(rows)
        if not found and not field.null:
            raise LookupError(field)
        return found[-1] if found else None
    if field.choices:
        return field.flatchoices[0][0]
    value = VALUES[field.get_internal_type()]
    return value[: field.max_length] if isinstance(value, str) else value


VALUES: dict[str, Any] = {
    "BooleanField": True,
    "JSONField": {"kept": [1]},
    "DateTimeField": NOON,
    "DateField": date(2026, 5, 4),
    "DecimalField": 1,
    "FloatField": 0.5,
    "BinaryField": b"kept",
    "GenericIPAddressField": "192.0.2.1",
    "CharField": "kept for an upgrade",
    "TextField": "kept for an upgrade",
    "SlugField": "kept-for-an-upgrade",
    "EmailField": "kept@example.org",
    "URLField": "https://example.org/kept",
    "FileField": "kept/for-an-upgrade.txt",
    **dict.fromkeys(
        (
            *("IntegerField", "BigIntegerField", "SmallIntegerField", "PositiveIntegerField"),
            *("PositiveBigIntegerField", "PositiveSmallIntegerField"),
        ),
        1,
    ),
}


if __name__ == "__main__":
    main()
