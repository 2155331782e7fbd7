"""Whether Focal is ready, and if not, why: for whoever watches over it."""

from __future__ import annotations

import json

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from focal.audit.services import verify as verify_log
from focal.outbox.services import count_waiting
from focal.search import services as search


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
    if not search.get_index().is_usable():
        return "There is no search index yet; the worker makes it, or `focal index rebuild`."
    return "ok"


def write_health(parts: dict[str, str]) -> tuple[str, int]:
    """The answer as JSON, and its status."""
    is_ready = all(state == "ok" for state in parts.values())
    return json.dumps({"ready": is_ready, **parts}), 200 if is_ready else 503


def check_installation() -> list[dict[str, object]]:
    """What `focal check` tells: the parts of /healthz, the log, and work that was given up on."""
    verdict = verify_log()
    waiting = count_waiting()
    failed = sum(counts["failed"] for counts in waiting.values())
    queued = sum(counts["waiting"] for counts in waiting.values())
    findings = [
        {"what": what, "ok": state == "ok", "detail": state}
        for what, state in check_health().items()
    ]
    findings.append(
        {
            "what": "log",
            "ok": verdict.intact,
            "detail": f"{verdict.entries} entries"
            if verdict.intact
            else f"broken at entry {verdict.broken_at}: {verdict.problem}",
        }
    )
    findings.append(
        {
            "what": "outbox",
            "ok": not failed,
            "detail": f"{queued} entries wait, {failed} were given up on",
        }
    )
    return findings
