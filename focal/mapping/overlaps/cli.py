"""`focal overlaps`: initiatives that come close, through the eyes of whoever is named."""

from __future__ import annotations

import json

import click
from django.utils import translation
from rich.console import Console

from focal.mapping.models import PairKind
from focal.mapping.overlaps.services import rebuild
from focal.mapping.overlaps.showing import ShownPair, Wanted, list_pairs
from focal.records.cli import AS, find_viewer


@click.command()
@click.option("--kind", type=click.Choice(PairKind.values), default=None)
@click.option("--economy", default="", help="Only pairs that share this economy (AL).")
@AS
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--rebuild", "anew", is_flag=True, help="First look for all pairs anew.")
def overlaps(kind: str | None, economy: str, who: str, as_json: bool, anew: bool) -> None:
    """Initiatives that come close: overlaps, probable duplicates, phases of one project."""
    viewer = find_viewer(who)
    if anew:
        rebuild()
    with translation.override("en"):
        pairs = list_pairs(viewer, Wanted(kind=kind or "", economy=economy.upper()), "en")
        if as_json:
            click.echo(json.dumps([describe(pair) for pair in pairs], ensure_ascii=False))
            return
        console = Console()
        for pair in pairs:
            console.print(f"[bold]{pair.percent} %[/bold] {pair.kind_label}", highlight=False)
            console.print(f"  {pair.first.title}\n  {pair.second.title}", markup=False)
            console.print(f"  {' '.join(pair.reasons)}", markup=False, highlight=False)
        if not pairs:
            console.print("Nothing comes close.")


def describe(one: ShownPair) -> dict[str, object]:
    """A pair as plain values."""
    return {
        "pair": [one.first.reference, one.second.reference],
        "titles": [one.first.title, one.second.title],
        "kind": one.kind,
        "score": round(one.sure, 4),
        "reasons": list(one.reasons),
        "verdict": one.verdict.verdict if one.verdict else None,
    }
