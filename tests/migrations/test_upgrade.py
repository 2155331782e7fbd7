"""An upgrade of what others have installed, full of data, loses nothing, and can be taken back.

`landed.sql.gz` is a database of the last landed state, made by `tests.migrations.keep` there.
"""

import gzip
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FOCAL = str(Path(sys.executable).with_name("focal"))
LANDED = Path(__file__).parent / "landed.sql.gz"
# What an upgrade brings up to date by itself, and what holds no data.
OWN = {"django_migrations", "django_content_type", "auth_permission", "sqlite_sequence"}
# Tables that an upgrade has changed on purpose, each with the reason.
CHANGED: dict[str, str] = {}
BACK = """
import django, sys
django.setup()
from django.core.management import call_command
for app, leaf in zip(sys.argv[1::2], sys.argv[2::2]):
    call_command("migrate", app, leaf, verbosity=0)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A data folder as others have it."""
    folder = tmp_path_factory.mktemp("installed")
    kept = sqlite3.connect(folder / "focal.sqlite3")
    kept.executescript(gzip.decompress(LANDED.read_bytes()).decode())
    kept.close()
    return folder


def manage(folder, *arguments):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FOCAL_")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | {"FOCAL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "focal.config.settings"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def read_rows(folder):
    """Every row of every table, as a set of (column, value)."""
    with sqlite3.connect(folder / "focal.sqlite3") as database:
        database.row_factory = sqlite3.Row
        names = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in OWN
        ]
        return {
            name: [dict(row) for row in database.execute(f'SELECT * FROM "{name}" ORDER BY 1')]
            for name in names
        }


def read_leaves(folder):
    """The newest migration of each app."""
    with sqlite3.connect(folder / "focal.sqlite3") as database:
        return dict(
            database.execute("SELECT app, max(name) FROM django_migrations GROUP BY app").fetchall()
        )


def find_lost(before, after):
    """Rows, and values of columns, that were there and are not any more."""
    lost = []
    for table, rows in before.items():
        if table in CHANGED or not rows:
            continue
        columns = sorted(set(rows[0]) & set(next(iter(after.get(table, ())), ())))
        remaining = {tuple(row[column] for column in columns) for row in after.get(table, ())}
        lost += [
            (table, row)
            for row in rows
            if not columns or tuple(row[column] for column in columns) not in remaining
        ]
    return lost


@pytest.mark.slow
def test_an_upgrade_keeps_every_row_and_goes_back(installed):
    before, leaves = read_rows(installed), read_leaves(installed)
    assert sum(map(len, before.values())) > 5_000

    manage(installed, "manage.py", "migrate", "--no-input", "-v0")

    assert find_lost(before, read_rows(installed)) == []
    verified = manage(installed, FOCAL, "audit", "verify", "--json")
    assert '"intact": true' in verified

    newer = read_leaves(installed).items() - leaves.items()
    manage(installed, "-c", BACK, *(part for app, _ in newer for part in (app, leaves[app])))

    assert read_leaves(installed) == leaves
    assert read_rows(installed) == before
