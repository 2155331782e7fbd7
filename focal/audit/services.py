"""Writing to the log, inside the transaction of the deed, and verifying it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from focal.audit.models import ChainHead, Entry

GENESIS = "0" * 64


def write_entry(
    *,
    action: str,
    target_kind: str,
    target_key: str,
    actor_key: str,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one deed. `actor_key` is `person:<id>` or `system:<what>`.

    Raises RuntimeError outside a transaction: a log line without its deed would be a lie.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("write_entry() belongs inside the transaction of the deed")
    ChainHead.objects.get_or_create(id=1, defaults={"digest": GENESIS})
    head = ChainHead.objects.select_for_update().get(id=1)
    entry = Entry(
        number=head.number + 1,
        at=at,
        action=action,
        target_kind=target_kind,
        target_key=target_key,
        actor_key=actor_key,
        detail=detail or {},
        previous=head.digest,
    )
    entry.digest = compute_digest(entry)
    entry.save(force_insert=True)
    head.number, head.digest = entry.number, entry.digest
    head.save(update_fields=("number", "digest"))


def compute_digest(entry: Entry) -> str:
    """SHA-256 over the entry's fields as JSON with sorted keys and the digest before it."""
    fields = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "action": entry.action,
        "target_kind": entry.target_kind,
        "target_key": entry.target_key,
        "actor_key": entry.actor_key,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    text = json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: how many entries it read and, if it broke, where and how."""

    entries: int
    intact: bool
    broken_at: int | None = None
    problem: str = ""
    head: str = GENESIS


def verify(progress: Callable[[int], None] = lambda done: None) -> Verdict:
    """Walk the whole chain; the first entry that does not fit ends the walk."""
    previous, count = GENESIS, 0
    for entry in Entry.objects.order_by("number").iterator(chunk_size=2000):
        count += 1
        if entry.number != count:
            return Verdict(count, False, count, f"Entry {count} is missing.", previous)
        if entry.previous != previous:
            return Verdict(count, False, count, "It does not follow the entry before.", previous)
        if compute_digest(entry) != entry.digest:
            return Verdict(count, False, count, "Its content was changed.", previous)
        previous = entry.digest
        if count % 1000 == 0:
            progress(count)
    head = ChainHead.objects.filter(id=1).first()
    if head is not None and (head.number, head.digest) != (count, previous):
        return Verdict(count, False, count + 1, "Entries are missing at the end.", previous)
    return Verdict(count, True, head=previous)
