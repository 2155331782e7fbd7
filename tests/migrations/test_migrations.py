"""Migrations go forward and back again, on a database of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
APPS = (
    "briefings",
    "surveys",
    "mail",
    "mapping",
    "indicators",
    "inquiries",
    "threads",
    "alerts",
    "records",
    "directory",
    "vocabulary",
    "audit",
    "outbox",
)


WALK = """
import django, sys
from io import StringIO
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

def read_schema():
    text = StringIO()
    call_command("inspectdb", stdout=text)
    return text.getvalue()

call_command("migrate", verbosity=0)
before = read_schema()
# In one plan: a command for each app would make every state anew.
MigrationExecutor(connection).migrate([(app, None) for app in sys.argv[1:]])
assert "records_record" not in read_schema()
call_command("migrate", verbosity=0)
assert read_schema() == before
"""


@pytest.mark.slow
def test_every_app_goes_back_to_nothing_and_forward_again(tmp_path):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FOCAL_")}

    done = subprocess.run(
        [sys.executable, "-c", WALK, "mfa", "account", *APPS],
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
