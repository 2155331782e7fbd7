"""`focal import-documents`: a folder of documents into the library."""

from __future__ import annotations

import fcntl
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from focal.directory.models import Organisation, Person
from focal.kernel.errors import BadInput
from focal.outbox.registry import get_consumers
from focal.outbox.services import count_waiting, deliver
from focal.records.importing import ImportReport, Sheet, collect, import_documents, read_sheet
from focal.records.kinds import get_kinds
from focal.search.services import release
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer

SOME_REFUSED = 2
_PAUSE = 0.2


@click.command("import-documents")
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--metadata",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV that says more about the files: file, title, language, date, economies, topics, "
    "target_groups, summary, marking, kind, organisation.",
)
@click.option("--publish", is_flag=True, help="Publish what comes in; otherwise they are drafts.")
@click.option("--wait", is_flag=True, help="Return when words and meaning can be searched.")
@click.option("--as", "email", help="Import as this person. Default: the secretariat itself.")
@click.option("--organisation", "acronym", help="Acronym or name of the owner.")
@click.option(
    "--marking",
    type=click.Choice(Marking.values, case_sensitive=False),
    default=Marking.CLEAR.value,
    show_default=True,
    help="Who may read it, by the Traffic Light Protocol.",
)
@click.option(
    "--kind",
    type=click.Choice([kind.key for kind in get_kinds() if not kind.has_items]),
    default="publication",
    show_default=True,
    help="What kind of records they become.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what happened as JSON.")
def import_documents_command(
    folder: Path,
    metadata: Path | None,
    publish: bool,
    wait: bool,
    email: str | None,
    acronym: str | None,
    marking: str,
    kind: str,
    as_json: bool,
) -> None:
    """Take the documents of FOLDER (or one file) into the library.

    Reads PDF, DOCX, ODT, HTML, XML and text. Files of one folder that differ in the
    language alone (en.pdf and mk.pdf, report_EN.docx and report_SQ.docx) become one record.
    It can be run again, and after being stopped: what is there already is left alone.

    Exit code: 0 when every file is in the library, 2 when some were refused (the reasons
    are printed), 1 when nothing could be done.
    """
    console = Console(stderr=True)
    by, organisation = _find_importer(email, acronym)
    sources = collect(folder, leave_out=[metadata] if metadata else [])
    with _show_progress(console) as progress:
        bar = progress.add_task("Reading", total=len(sources))
        report = import_documents(
            sources,
            by=by,
            organisation=organisation,
            at=timezone.now(),
            marking=marking.upper(),
            publish=publish,
            sheet=read_sheet(metadata) if metadata else Sheet(),
            kind=kind,
            progress=lambda done, _total, name: progress.update(
                bar, completed=done, description=f"Reading {name[-40:]}" if name else "Read"
            ),
        )
        failed = wait_until_searchable(progress) if wait else 0
    if as_json:
        click.echo(json.dumps({**report.to_plain(), "not_searchable": failed}, ensure_ascii=False))
    else:
        _print_report(Console(), report)
    if failed:
        console.print(f"{failed} changes could not be brought into the index; see focal index.")
    sys.exit(SOME_REFUSED if report.refused or failed else 0)


def _find_importer(email: str | None, acronym: str | None) -> tuple[Viewer, Organisation]:
    """Who imports, and for which organisation."""
    if email is None:
        organisation = _find_organisation(acronym) if acronym else _find_secretariat()
        return Viewer.for_organisation(organisation, name="import"), organisation
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        raise BadInput(f"There is no active member with the address {email}.")
    viewer = Viewer.from_person(person, on=timezone.localdate())
    if acronym:
        return viewer, _find_organisation(acronym)
    own = list(Organisation.objects.filter(pk__in=viewer.writes_for).order_by("pk"))
    if len(own) != 1:
        names = ", ".join(str(each) for each in own) or "none"
        raise BadInput(f"Say for which --organisation; {email} writes for: {names}.")
    return viewer, own[0]


def _find_organisation(name: str) -> Organisation:
    for lookup in ("acronym__iexact", "name__iexact", "reference"):
        found = list(Organisation.objects.filter(**{lookup: name})[:2])
        if len(found) == 1:
            return found[0]
    raise BadInput(f"There is no organisation '{name}' in the directory.")


def _find_secretariat() -> Organisation:
    found = Organisation.objects.filter(is_secretariat=True).order_by("pk").first()
    if found is None:
        raise BadInput("There is no secretariat yet. Run `focal setup` first.")
    return found


def wait_until_searchable(progress: Progress) -> int:
    """Return when nothing waits for the index any more; how many entries could not be settled.

    A running worker is waited for. Without one the entries are delivered here, while the
    worker's lock is held, because only one process may write the index.
    """
    bar = progress.add_task("Making it searchable", total=None)
    while waiting := _count("waiting"):
        _show_waiting(progress, bar, waiting)
        with _hold_worker_lock() as is_ours:
            if is_ours:
                _deliver(lambda: _show_waiting(progress, bar, _count("waiting")))
        time.sleep(_PAUSE)  # a worker is at it, or what failed is to be tried again in a while
    total = progress.tasks[bar].total or 1
    progress.update(bar, total=total, completed=total, description="Searchable")
    return _count("failed")


def _deliver(show: Callable[[], None]) -> None:
    try:
        while sum(deliver(consumer.name, at=timezone.now()) for consumer in get_consumers()):
            show()
    finally:
        release()  # the index, for the worker that comes after us


def _show_waiting(progress: Progress, bar: TaskID, waiting: int) -> None:
    total = max(waiting, progress.tasks[bar].total or 0)
    progress.update(bar, total=total, completed=total - waiting)


def _count(what: str) -> int:
    return sum(counts[what] for counts in count_waiting().values())


@contextmanager
def _hold_worker_lock() -> Iterator[bool]:
    """True while we are the worker; false when there is another."""
    with (settings.DATA / "worker.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _show_progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def _print_report(console: Console, report: ImportReport) -> None:
    table = Table(title="Import", show_lines=False)
    for heading in ("File", "", "Record", "Language", "Pages", "Remark"):
        table.add_column(heading, overflow="fold")
    for mark, items in (("[green]new[/]", report.new), ("known", report.known)):
        for item in items:
            table.add_row(
                item.file, mark, item.title, item.language, str(item.pages or ""), item.note
            )
    for refusal in report.refused:
        table.add_row(refusal.file, "[red]refused[/]", "", "", "", refusal.reason)
    console.print(table)
    console.print(
        f"{len(report.new)} new in {len(report.new_records)} records, "
        f"{len(report.known)} known, {len(report.refused)} refused."
    )
