"""`focal search` and `focal export`: records from the command line.

Whoever asks is a viewer here too: nobody in particular, unless --as names a member.
"""

from __future__ import annotations

import contextlib
import csv
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import click
from django.utils import timezone, translation
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from focal.directory.models import Person
from focal.kernel.errors import BadInput
from focal.records.content import clean_line
from focal.records.finding import search as finding
from focal.records.finding.export import (
    COLUMNS,
    Limits,
    count_records,
    export_records,
    write_columns,
)
from focal.records.kinds import get_kinds
from focal.records.models import State
from focal.search.nearness import load_model
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.vocabulary.languages import canonical_language, django_language
from focal.vocabulary.names import get_footnote
from focal.vocabulary.selectors import get_vocabulary

AS = click.option(
    "--as",
    "who",
    default="anonymous",
    show_default=True,
    metavar="EMAIL|anonymous",
    help="Whose eyes to look with.",
)


def find_viewer(who: str) -> Viewer:
    """The viewer that an e-mail address or 'anonymous' names; BadInput when nobody has it."""
    if who.strip().lower() in {"", "anonymous"}:
        return ANONYMOUS
    try:
        person = Person.objects.get_by_natural_key(who)
    except Person.DoesNotExist:
        raise BadInput(f"Nobody here has the e-mail address {who!r}.") from None
    return Viewer.from_person(person, on=timezone.localdate())


@click.command()
@click.argument("text", nargs=-1)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@AS
@click.option(
    "--language",
    metavar="CODE",
    help="Only what can be read in this language (en, sq, mk, sr-Latn ...), titled in it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def search(
    text: tuple[str, ...], limit: int, who: str, language: str | None, as_json: bool
) -> None:
    """Find records by their words and their meaning, in all languages.

    TEXT may be in any language; "quotation marks" keep words together, -word leaves out.
    """
    viewer = find_viewer(who)
    wish = finding.Wish(
        text=clean_line(" ".join(text))[: finding.MAX_TEXT],
        filters={"language": _read_languages(language)} if language else {},
    )
    shown_in = canonical_language(language) if language else viewer.language
    load_model()  # here nobody waits for a page: the answer may take this long
    found = finding.find(viewer, wish, language=shown_in, limit=limit)
    hits = [_write_hit(item) for item in found.records]
    if as_json:
        answer = {
            "query": wish.text,
            "total": found.total,
            "meaning_ready": found.answer.meaning_ready,
            "hits": hits,
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        _print_hits(found.total, hits)


def _read_languages(code: str) -> tuple[str, ...]:
    """The vocabulary's codes; 'sr' without a script means both."""
    known = get_vocabulary().languages
    plain = code.strip().lower()
    if "-" not in plain and "_" not in plain:
        same = tuple(each for each in known if each.split("-")[0].lower() == plain)
        if same:
            return same
    canonical = canonical_language(code)
    if known and canonical not in known:
        raise BadInput(f"There is no language {code!r} here. Known: {', '.join(known)}.")
    return (canonical,)


def _write_hit(item: finding.FoundRecord) -> dict[str, Any]:
    return {
        "record": item.record.reference,
        "kind": item.record.kind,
        "title": item.record.title,
        "language": item.hit.language or item.record.language,
        "attachment": item.document.reference if item.document else None,
        "attachment_title": item.document.title if item.document else None,
        "page": item.hit.page if item.document else None,
        "score": item.hit.score,
        "why": [
            {"kind": reason.kind, **({"detail": reason.detail} if reason.detail else {})}
            for reason in item.hit.why
        ],
        "marking": item.record.marking,
        "languages": list(item.record.languages),
        "snippet": "".join(text for text, _marked in item.hit.snippet),
    }


def _print_hits(total: int, hits: list[dict[str, Any]]) -> None:
    console = Console(highlight=False)
    if not hits:
        console.print("Nothing found. Try fewer or other words, in any language.")
        return
    for number, hit in enumerate(hits, 1):
        why = ", ".join(
            " ".join(filter(None, (reason["kind"], reason.get("detail")))) for reason in hit["why"]
        )
        where = f", {hit['attachment_title']} p. {hit['page']}" if hit["page"] else ""
        console.print(Text(f"{number}. {hit['title']}", style="bold"))
        console.print(
            Text(f"   {hit['kind']}, {hit['language']}{where}; {why or 'newest'}; {hit['record']}")
        )
        if hit["snippet"]:
            console.print(Text(f"   {hit['snippet'][:200]}", style="dim"))
    console.print(f"{len(hits)} of {total}.")


KINDS = click.Choice([kind.key for kind in get_kinds()])


@click.command()
@AS
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "jsonl"]),
    default="jsonl",
    show_default=True,
    help="csv is a table with names; json and jsonl hold all content.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--kind", "kinds", type=KINDS, multiple=True, help="Only this kind (repeatable).")
@click.option("--economy", "economies", multiple=True, help="Only this economy's (repeatable).")
@click.option("--topic", "topics", multiple=True, help="Only this topic and narrower ones.")
@click.option("--language", "languages", multiple=True, help="Only originals in this language.")
@click.option("--state", "states", type=click.Choice(State.values), multiple=True)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what changed since this day."
)
@click.option("--with-pages", is_flag=True, help="Also the text of each page of each document.")
def export(
    who: str, form: str, out: Path | None, since: Any, with_pages: bool, **limits: Any
) -> None:
    """Write every record that a viewer may see, with all its content.

    Without --out it goes to the standard output, so that it can be piped on.
    """
    viewer = find_viewer(who)
    limits["languages"] = tuple(canonical_language(code) for code in limits["languages"])
    wanted = Limits(changed_since=since.date() if since else None, **limits)
    rows = export_records(viewer, wanted, with_pages=with_pages)
    with _open(out) as target, translation.override(django_language(viewer.language)):
        shown = _with_progress(rows, count_records(viewer, wanted)) if out else rows
        count = WRITERS[form](shown, target, viewer.language)
    if out:
        click.echo(f"{count} records written to {out}.", err=True)


@contextlib.contextmanager
def _open(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        target = out.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}.") from None
    with target:
        yield target


def _with_progress(rows: Iterable[dict], total: int) -> Iterator[dict]:
    with Progress(console=Console(stderr=True)) as progress:
        yield from progress.track(rows, total=total, description="Exporting")


def _write_csv(rows: Iterable[dict], target: TextIO, language: str) -> int:
    writer, count = csv.writer(target), 0
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(write_columns(row, language=language))
        count += 1
    writer.writerow([get_footnote(language)])
    return count


def _write_jsonl(rows: Iterable[dict], target: TextIO, language: str) -> int:  # noqa: ARG001
    count = 0
    for row in rows:
        target.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count


def _write_json(rows: Iterable[dict], target: TextIO, language: str) -> int:
    count = 0
    target.write('{"records": [')
    for row in rows:
        target.write(("," if count else "") + "\n" + json.dumps(row, ensure_ascii=False))
        count += 1
    target.write(f'\n], "count": {count}, "footnote": {json.dumps(get_footnote(language))}}}\n')
    return count


WRITERS: dict[str, Any] = {"csv": _write_csv, "json": _write_json, "jsonl": _write_jsonl}
