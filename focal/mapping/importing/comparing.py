"""What an entry would do here: new, changed, unchanged, conflicting, refused, and why.

Who is known? Only records that the importing viewer may see: that a record hidden from them
has the same identifier is not told. What they see but may not change is refused, by its name.
A change is a conflict where the same field was changed here since the file last came in, or
since the template was made; fields that only one side changed are no conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from focal.directory.matching import Candidate, Matcher
from focal.directory.merging import make_matcher
from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.mapping.details import check_shares, say_details
from focal.mapping.importing.entries import NEW_ORGANISATION, Incoming
from focal.mapping.importing.table import CHOICES, SCHEMES
from focal.mapping.models import Identifier, ImportedState, MappedRecord, MappingImportRow
from focal.mapping.selectors import MODELS
from focal.records.content import read_content
from focal.records.kinds import get_kind
from focal.records.models import Translation, Version
from focal.records.second_eyes import may_change_at_once
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

CHUNK = 200
Verdict = MappingImportRow.Verdict


@dataclass(slots=True)
class Compared:
    """An entry with its verdict; `fields` are those that differ, in words of before and after."""

    entry: Incoming
    verdict: str
    record: MappedRecord | None = None
    fields: list[dict[str, str]] = field(default_factory=list)
    digest: str = ""


@dataclass(slots=True)
class OrganisationBook:
    """Names of a file and the organisations they mean; unknown ones will be made."""

    matcher: Matcher = field(default_factory=make_matcher)
    references: dict[int, str] = field(default_factory=dict)
    _next: int = -1
    _made: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.references = dict(Organisation.objects.values_list("pk", "reference"))

    def find(self, name: str, entry: Incoming, economy: str = "") -> str:
        """The reference of an organisation, or `new:Name`; a guess is told as a warning."""
        sure = self.matcher.find_sure(name, economy=economy) or self.matcher.find_sure(name)
        if sure is not None:
            if sure.score < 1:
                candidate = self.matcher.candidates[sure.key]
                entry.warn(
                    "organisation",
                    _("'%(name)s' is taken for '%(other)s': %(reason)s.")
                    % {"name": name, "other": candidate.names[0], "reason": sure.reason},
                )
            return self._made.get(sure.key) or self.references[sure.key]
        likely = self.matcher.find(name, economy=economy, limit=1)
        if likely:
            entry.warn(
                "organisation",
                _("'%(name)s' may be '%(other)s' (%(reason)s); it comes in as an organisation of"
                  " its own, and merging will be proposed.")
                % {
                    "name": name,
                    "other": self.matcher.candidates[likely[0].key].names[0],
                    "reason": likely[0].reason,
                },
            )  # fmt: skip
        key, self._next = self._next, self._next - 1
        self._made[key] = NEW_ORGANISATION + name
        self.matcher.add(Candidate(key, (name,), "", economy))
        return NEW_ORGANISATION + name


class Comparer:
    """Compares entries in chunks; holds no more than one chunk and the organisations."""

    def __init__(self, viewer: Viewer, organisation: Organisation, *, language: str) -> None:
        self.viewer, self.organisation, self.language = viewer, organisation, language
        self.book = OrganisationBook()

    def compare(self, entries: Iterable[Incoming]) -> Iterator[Compared]:
        """Each entry with its verdict, in the order they came."""
        rest = iter(entries)
        while chunk := list(islice(rest, CHUNK)):
            yield from self._compare_chunk(chunk)

    def _compare_chunk(self, chunk: Sequence[Incoming]) -> Iterator[Compared]:
        digests = [entry.compute_digest() for entry in chunk]  # before names become references
        for entry in chunk:
            self._complete(entry)
        known = self._find_known(chunk)
        states = {
            (row.record_id, row.scheme): row
            for row in ImportedState.objects.filter(record_id__in={r.pk for r in known.values()})
        }
        for entry, digest in zip(chunk, digests, strict=True):
            record = known.get(entry.reference) or known.get(entry.identifier or ("", ""))
            state = None
            if record is not None and entry.identifier is not None:
                state = states.get((record.pk, entry.identifier[0]))
            yield self._judge(entry, record, state, digest)

    def _complete(self, entry: Incoming) -> None:
        """Names of organisations become references; shares are checked as a whole."""
        if entry.is_refused:
            return
        economies = entry.content.get("economies", [])
        economy = economies[0] if len(economies) == 1 else ""
        found = {name: self.book.find(name, entry, economy) for name, _role in entry.organisations}
        for row in entry.funding:
            if row[0] and row[0] not in found:
                found[row[0]] = self.book.find(row[0], entry, economy)
        if entry.organisations:
            pairs = {(found[name], role) for name, role in entry.organisations}
            entry.content["partners"] = sorted(list(pair) for pair in pairs)
        if entry.funding:
            entry.content["funding"] = [[found.get(row[0], ""), *row[1:]] for row in entry.funding]
        if entry.identifier is not None:
            entry.content["identifiers"] = [list(entry.identifier)]
        for name in ("economy_shares", "topic_shares"):
            try:
                check_shares(entry.content.get(name, ()))
            except BadInput as problem:
                entry.refuse(name, str(problem))

    def _find_known(self, chunk: Sequence[Incoming]) -> dict[Any, MappedRecord]:
        """Records that the viewer sees, by reference and by identifier."""
        by_pk: dict[int, list[Any]] = {}
        wanted = {e.identifier for e in chunk if e.identifier and not e.reference}
        rows = Identifier.objects.filter(
            scheme__in={scheme for scheme, _value in wanted},
            value__in={value for _scheme, value in wanted},
        )
        for pk, scheme, value in rows.values_list("record_id", "scheme", "value"):
            if (scheme, value) in wanted:
                by_pk.setdefault(pk, []).append((scheme, value))
        references = {entry.reference for entry in chunk if entry.reference}
        found: dict[Any, MappedRecord] = {}
        for model in MODELS.values():
            visible = model.objects.visible_to(self.viewer).select_related("owner_organisation")
            for record in visible.filter(pk__in=by_pk):
                for key in by_pk[record.pk]:
                    mine = record.owner_organisation_id == self.organisation.pk
                    if key not in found or mine:
                        found[key] = record
            if references:
                for record in visible.filter(reference__in=references):
                    found[record.reference] = record
        return found

    def _judge(
        self,
        entry: Incoming,
        record: MappedRecord | None,
        state: ImportedState | None,
        digest: str,
    ) -> Compared:
        if entry.reference and record is None and not entry.is_refused:
            entry.refuse("id", _("There is no such record, or it is not yours."))
        if entry.is_refused:
            return Compared(entry, Verdict.REFUSED, record)
        if record is None:
            return Compared(entry, Verdict.NEW, digest=digest)
        if state is not None and state.digest == digest:
            return Compared(entry, Verdict.UNCHANGED, record, digest=digest)
        decision = may_change_at_once(self.viewer, record)
        if not decision:
            entry.refuse(
                "id",
                _("It is here already, and %(owner)s looks after it: %(reason)s")
                % {"owner": record.owner_organisation, "reason": decision.reason},
            )
            return Compared(entry, Verdict.REFUSED, record)
        if record.kind != entry.kind:
            told = {"kind": get_kind(record.kind).label, "title": record.title}
            entry.refuse(
                "id", _("It is here already, as another kind: %(kind)s '%(title)s'.") % told
            )
            return Compared(entry, Verdict.REFUSED, record)
        return self._compare_fields(entry, record, state, digest)

    def _compare_fields(
        self, entry: Incoming, record: MappedRecord, state: ImportedState | None, digest: str
    ) -> Compared:
        """Which fields the file changes, and which of them were changed here as well.

        What was declined before is no change when it is said again, and a conflict when the
        file says something else by now.
        """
        base_version = entry.base_version or (state.version if state else record.version)
        declined = state.declined if state else {}
        now = read_content(record)
        base = now
        if base_version != record.version:
            version = Version.objects.filter(record_id=record.pk, number=base_version).first()
            base = version.content if version else now
        content = merge_content(entry, now)
        changed, conflicts = [], []
        for name, value in content.items():
            if is_same(name, value, now.get(name)) or is_same(name, value, base.get(name)):
                continue
            if name in declined and is_same(name, value, declined[name]):
                continue
            if name in declined or not is_same(name, base.get(name), now.get(name)):
                conflicts.append(name)
            changed.append(name)
        fields = [
            self._say(entry.kind, name, now.get(name), content[name], name in conflicts)
            for name in changed
        ]
        if not changed:
            if entry.confirmed and entry.confirmed > (record.last_confirmed_date or date.min):
                days = (record.last_confirmed_date, entry.confirmed)
                fields = [self._say(entry.kind, "confirmed", *days)]
            differs = bool(fields) or self._translations_differ(entry, record)
            verdict = Verdict.CHANGED if differs else Verdict.UNCHANGED
            return Compared(entry, verdict, record, fields, digest)
        if conflicts:
            for name in conflicts:
                entry.warn(name, _("It was changed here too, since the file was made."))
            return Compared(entry, Verdict.CONFLICTING, record, fields, digest)
        return Compared(entry, Verdict.CHANGED, record, fields, digest)

    def _translations_differ(self, entry: Incoming, record: MappedRecord) -> bool:
        if not entry.translations:
            return False
        known = dict(
            Translation.objects.filter(record_id=record.pk).values_list("language", "title")
        )
        return any(known.get(code) != text["title"] for code, text in entry.translations.items())

    def _say(
        self, kind: str, name: str, before: Any, after: Any, is_conflict: bool = False
    ) -> dict[str, str]:
        return {
            "name": name,
            "before": say_value(kind, name, before, self.language),
            "after": say_value(kind, name, after, self.language),
            **({"conflict": "yes"} if is_conflict else {}),
        }


def merge_content(entry: Incoming, now: dict[str, Any]) -> dict[str, Any]:
    """What the record would hold: identifiers from elsewhere stay beside the file's own."""
    content = dict(entry.content)
    if "identifiers" in content:
        wanted = {tuple(row) for row in (*now.get("identifiers", ()), *content["identifiers"])}
        content["identifiers"] = sorted(list(row) for row in wanted)
    if entry.reference:
        content.pop("identifiers", None)
    return content


def is_same(name: str, one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) or isinstance(other, list | tuple):
        left, right = list(one or []), list(other or [])
        if name == "funding":
            return left == right
        return sorted(map(repr, left)) == sorted(map(repr, right))
    return (one or "") == (other or "")


def say_value(kind: str, name: str, value: Any, language: str) -> str:
    """A value in words, for somebody who decides which of two holds."""
    words = get_vocabulary()
    rows = value or ()
    if name in SCHEMES:
        said = ", ".join(words.label(SCHEMES[name], key, language) for key in rows)
    elif name == "economies":
        said = ", ".join(words.economy_name(code, language) for code in rows)
    elif name in ("measures", "places", "economy_shares", "topic_shares"):
        said = "; ".join(say_details(name, rows, language))
    elif name in ("partners", "funding"):
        known = say_details(name, [row for row in rows if not _is_new(row)], language)
        news = [row[0].removeprefix(NEW_ORGANISATION) for row in rows if _is_new(row)]
        said = "; ".join([*filter(None, known), *news])
    elif isinstance(value, list | tuple):
        said = "; ".join(
            ", ".join(filter(None, map(str, row))) if isinstance(row, list | tuple) else str(row)
            for row in value
        )
    elif name in CHOICES[kind] and value in CHOICES[kind][name].values:
        said = str(CHOICES[kind][name](value).label)
    else:
        said = str(value or "")
    return said[:1000]


def _is_new(row: Sequence[str]) -> bool:
    return row[0].startswith(NEW_ORGANISATION)
