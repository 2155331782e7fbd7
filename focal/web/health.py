"""Whether Focal is ready, and if not, why: for whoever watches over it."""

from __future__ import annotations

import json

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def check_health() -> dict[str, str]:
    """Each part with 'ok' or the sentence that says what is wrong."""
    database = _check_database()
    return {
        "database": database,
        "migrations": _check_migrations() if database == "ok" else "unknown",
        "index": _check_index(),
    }


def _check_database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return "The database does not answer."
    return "ok"


def _check_migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return f"{len(waiting)} migrations have not been applied; start with `focal serve`."
    return "ok"


def _check_index() -> str:
    folder = settings.INDEX_FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        next(folder.iterdir(), None)
    except OSError:
        return "The folder of the index cannot be read."
    return "ok"


def write_health(parts: dict[str, str]) -> tuple[str, int]:
    """The answer as JSON, and its status."""
    is_ready = all(state == "ok" for state in parts.values())
    answer = {"status": "ready" if is_ready else "not ready", **parts}
    return json.dumps(answer), 200 if is_ready else 503
