"""Every observation that stands in an older database gets a reference of its own.

On the way back, positions become distinct again: superseded figures share theirs.
"""

import secrets

from django.db import migrations

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


def give_references(apps, schema_editor):
    model = apps.get_model("indicators", "Observation")
    waiting = []
    for row in model.objects.filter(reference__isnull=True).only("pk").iterator(chunk_size=2000):
        row.reference = "".join(secrets.choice(ALPHABET) for _ in range(14))
        waiting.append(row)
    model.objects.bulk_update(waiting, ["reference"], batch_size=500)


def make_positions_distinct(apps, schema_editor):
    model = apps.get_model("indicators", "Observation")
    rows = []
    for place, row in enumerate(model.objects.order_by("series_id", "position", "pk").iterator()):
        row.position = place
        rows.append(row)
    model.objects.bulk_update(rows, ["position"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0003_observations_keep_their_name")]

    operations = [migrations.RunPython(give_references, make_positions_distinct)]
