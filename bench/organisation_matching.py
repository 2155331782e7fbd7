"""How well organisations are told to be the same however they are written.

Two sets of labels: `labels/organisations.csv`, written by the team in the region's languages, and,
where FOCAL_SHARED_DATA holds it, the table of name variants that a humanitarian clearing house
keeps. Each variant asks the matcher; a pair counts as found when the match is proposed.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from bench.apart import SHARED, run_apart

LABELS = Path(__file__).parent / "labels" / "organisations.csv"


def run() -> dict[str, Any]:
    """Precision and recall of proposals, for each set of labels."""
    return {**run_apart(measure_labels), "targets": {"precision": 0.9, "recall": 0.9}}


def measure_labels() -> dict[str, Any]:
    """Everything, in this process."""
    from django.core.management import call_command
    from django.utils import timezone

    from focal.vocabulary.services import load_vocabulary

    call_command("migrate", verbosity=0)
    load_vocabulary(timezone.now())
    figures = {"own labels": measure(read_own())}
    for path in sorted(SHARED.glob("needs_responses/3w/input/org_2pacx*.csv")):
        figures["name variants of a clearing house"] = measure(read_variants(path))
    return figures


def read_own() -> list[tuple[str, str, str]]:
    """(variant, canonical name, economy)"""
    with LABELS.open(encoding="utf-8", newline="") as file:
        return [(r["variant"], r["name"], r["economy"]) for r in csv.DictReader(file)]


def read_variants(path: Path) -> list[tuple[str, str, str]]:
    """The same from the clearing house; its acronym counts as a variant."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(row["String pattern"], row["Canonical org name"], "") for row in rows}
    found |= {(row["Acronym"], row["Canonical org name"], "") for row in rows if row["Acronym"]}
    return sorted(found)


def measure(rows: list[tuple[str, str, str]]) -> dict[str, Any]:
    """Each variant against one entry a canonical name, which knows the names of the others."""
    from focal.directory.matching import LIKELY, Candidate, Matcher

    wanted = sorted({(name, economy) for _variant, name, economy in rows if name})
    canonical = {pair: key for key, pair in enumerate(wanted)}
    acronyms = {
        name: variant
        for variant, name, _economy in rows
        if variant.isupper() and variant != name and " " not in variant
    }
    matcher = Matcher.from_candidates(
        Candidate(key, (name,), acronyms.get(name, ""), economy)
        for (name, economy), key in canonical.items()
    )
    right = wrong = missed = 0
    missing, false = [], []
    asked = [row for row in rows if row[0] != row[1]]
    for variant, name, economy in asked:
        matches = [m for m in matcher.find(variant, economy=economy) if m.score >= LIKELY]
        best = matches[0].key if matches else None
        if best is None:
            missed += bool(name)
            if name:
                missing.append(variant)
        elif name and best == canonical[name, economy]:
            right += 1
        else:
            wrong += 1
            missed += bool(name)
            false.append(variant)
    return {
        "pairs": len(asked),
        "precision": round(right / max(right + wrong, 1), 3),
        "recall": round(right / max(right + missed, 1), 3),
        "missed": missing[:40],
        "false": false[:40],
    }
