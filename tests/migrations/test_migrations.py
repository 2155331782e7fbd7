"""Migrations go forward and back again, on a database of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
APPS = ("indicators", "records", "directory", "vocabulary", "audit", "outbox")


def manage(folder, *arguments):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FOCAL_")}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, "FOCAL_DATA": str(folder)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.fail(done.stderr)
    return done.stdout


def test_every_app_goes_back_to_nothing_and_forward_again(tmp_path):
    manage(tmp_path, "migrate", "-v0")
    before = manage(tmp_path, "inspectdb")

    manage(tmp_path, "migrate", "-v0", "mfa", "zero")
    manage(tmp_path, "migrate", "-v0", "account", "zero")
    for app in APPS:
        manage(tmp_path, "migrate", "-v0", app, "zero")
    manage(tmp_path, "migrate", "-v0")

    assert manage(tmp_path, "inspectdb") == before
