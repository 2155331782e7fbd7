"""What somebody is about to say beside a record is kept too: working copies get a place."""

from typing import Any

from django.db import migrations, models


def forget_words(apps: Any, schema_editor: Any) -> None:
    """Without places there is one copy for each record and person: the record's own text."""
    apps.get_model("records", "WorkingCopy").objects.exclude(place="").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0007_changes_in_review"),
    ]

    operations = [
        migrations.AddField(
            model_name="workingcopy",
            name="place",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.RemoveConstraint(model_name="workingcopy", name="working_copy_once"),
        migrations.RemoveConstraint(
            model_name="workingcopy", name="working_copy_of_a_new_record_once"
        ),
        migrations.AddConstraint(
            model_name="workingcopy",
            constraint=models.UniqueConstraint(
                fields=("record", "person", "language", "place"), name="working_copy_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="workingcopy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("record__isnull", True)),
                fields=("kind", "person", "place"),
                name="working_copy_of_a_new_record_once",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_words),
    ]
