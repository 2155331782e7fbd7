"""Figures that stand in an older database keep standing, each under a name of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WALK = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

call_command("migrate", "indicators", "0002", verbosity=0)
call_command("migrate", "records", verbosity=0)
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.executor import MigrationExecutor

def models_at(name):
    return MigrationExecutor(connection).loader.project_state([("indicators", name)]).apps

old = models_at("0002_initial")
now = timezone.now()
Organisation = old.get_model("directory", "Organisation")
owner = Organisation.objects.create(name="An office", reference="anofficeaaaaaa")
series = old.get_model("indicators", "Series").objects.create(
    kind="indicator", title="S", key="s", unit="people", counted="c", reference="seriesaaaaaaaa",
    created_at=now, updated_at=now, owner_organisation=owner,
)
Old = old.get_model("indicators", "Observation")
for place in range(3):
    Old.objects.create(series=series, position=place, area="AL", value=10 * place, source_title="x")

call_command("migrate", verbosity=0)
from focal.indicators.models import Observation
rows = list(Observation.objects.order_by("position"))
assert [row.value for row in rows] == [0, 10, 20], rows
assert len({row.reference for row in rows}) == 3 and all(len(row.reference) == 14 for row in rows)
assert all(row.is_standing for row in rows)
Observation.objects.update(position=0)  # as after a correction: the old one shares its place

call_command("migrate", "indicators", "0002", verbosity=0)
with connection.cursor() as cursor:
    cursor.execute("SELECT position, value FROM indicators_observation ORDER BY position")
    assert [int(row[1]) for row in cursor.fetchall()] == [0, 10, 20]
"""


@pytest.mark.slow
def test_figures_survive_the_way_forward_and_back(tmp_path):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FOCAL_")}

    done = subprocess.run(
        [sys.executable, "-c", WALK],
        cwd=ROOT,
        env={
            **kept,
            "FOCAL_DATA": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "focal.config.settings",
        },
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
