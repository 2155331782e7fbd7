from django.db import migrations, models

MARKINGS = [
    ("CLEAR", "TLP:CLEAR"),
    ("GREEN", "TLP:GREEN"),
    ("AMBER", "TLP:AMBER"),
    ("AMBER+STRICT", "TLP:AMBER+STRICT"),
    ("RED", "TLP:RED"),
]


def read_marking(apps, schema_editor):
    """An edition was issued for the readers of the marking that it has. Numbers stay as they are."""
    for edition in apps.get_model("briefings", "Edition").objects.defer("frozen", "body"):
        edition.issued_for = edition.marking
        edition.save(update_fields=("issued_for",))


def number_through(apps, schema_editor):
    """The way back: one number for each edition of a briefing; where two have the same, the later
    one gets the next."""
    taken = {}
    rows = apps.get_model("briefings", "Edition").objects.exclude(of_briefing=None)
    for edition in rows.defer("frozen", "body").order_by("frozen_at", "pk"):
        numbers = taken.setdefault(edition.of_briefing_id, set())
        if edition.number in numbers:
            edition.number = max(numbers) + 1
            edition.save(update_fields=("number",))
        numbers.add(edition.number)


class Migration(migrations.Migration):
    dependencies = [("briefings", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="issued_for",
            field=models.CharField(choices=MARKINGS, default="CLEAR", max_length=12),
        ),
        migrations.RemoveConstraint(model_name="edition", name="edition_number_once"),
        migrations.RunPython(read_marking, number_through),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(
                fields=("of_briefing", "issued_for", "number"), name="edition_number_once"
            ),
        ),
    ]
