"""What hangs on needs, responses and initiatives, as plain values: read, checked and written.

| key | values |
|---|---|
| `measures` | references of items of frames |
| `identifiers` | `[scheme, value]` |
| `parent` | `[reference]` of the initiative it is part of, or nothing |
| `places` | `[economy, municipality or region]` |
| `partners` | `[organisation reference, role]` |
| `funding` | `[donor reference or "", stage, amount, currency, band, day]` |
| `economy_shares`, `topic_shares` | `[economy or topic, percent]`, each kind summing to 100; |
| | an empty key holds what goes elsewhere |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.mapping.models import (
    FrameNode,
    Identifier,
    Initiative,
    InitiativeFunding,
    InitiativePartner,
    InitiativePlace,
    InitiativeSplit,
    MappedRecord,
)
from focal.mapping.money import read_amount, read_currency
from focal.mapping.upkeep import get_review_date
from focal.records.content import clean_line
from focal.vocabulary.models import Concept, Economy
from focal.vocabulary.selectors import get_vocabulary

COMMON = {"measures": gettext_lazy("Measures"), "identifiers": gettext_lazy("Called elsewhere")}
OF_INITIATIVES = {
    **COMMON,
    "parent": gettext_lazy("Part of"),
    "places": gettext_lazy("Municipalities and regions"),
    "partners": gettext_lazy("Organisations and their parts"),
    "funding": gettext_lazy("Money"),
    "economy_shares": gettext_lazy("Shares of economies"),
    "topic_shares": gettext_lazy("Shares of topics"),
}
WHOLE, SLACK = Decimal(100), Decimal("0.5")


# Reading


def read_details(record: MappedRecord) -> dict[str, Any]:
    """The details of a record as plain values, in a steady order."""
    found: dict[str, Any] = {
        "measures": sorted(record.measures.values_list("reference", flat=True)),
        "identifiers": [
            list(row)
            for row in Identifier.objects.filter(record_id=record.pk)
            .order_by("scheme", "value")
            .values_list("scheme", "value")
        ],
    }
    if isinstance(record, Initiative):
        found |= _read_initiative(record)
    return found


def _read_initiative(record: Initiative) -> dict[str, Any]:
    shares = InitiativeSplit.objects.filter(initiative_id=record.pk)
    parent = (
        Initiative.objects.for_system("it was chosen by somebody who sees it")
        .filter(pk=record.parent_id)
        .values_list("reference", flat=True)
    )
    return {
        "parent": list(parent) if record.parent_id else [],
        "places": [
            list(row)
            for row in InitiativePlace.objects.filter(initiative_id=record.pk)
            .order_by("economy_id", "name")
            .values_list("economy_id", "name")
        ],
        "partners": [
            list(row)
            for row in InitiativePartner.objects.filter(initiative_id=record.pk)
            .order_by("role", "organisation__reference")
            .values_list("organisation__reference", "role")
        ],
        "funding": [
            [
                row.donor.reference if row.donor else "",
                row.stage,
                "" if row.amount is None else f"{row.amount:.2f}",
                row.currency,
                row.band,
                row.value_date.isoformat() if row.value_date else "",
            ]
            for row in InitiativeFunding.objects.filter(initiative_id=record.pk)
            .select_related("donor")
            .order_by("position")
        ],
        "economy_shares": _plain_shares(shares.filter(economy__isnull=False), "economy_id"),
        "topic_shares": _plain_shares(shares.filter(topic__isnull=False), "topic__key"),
    }


def _plain_shares(rows: models.QuerySet[InitiativeSplit], name: str) -> list[list[str]]:
    shares = list(rows.order_by(name).values_list(name, "percent"))
    rest = WHOLE - sum((percent for _key, percent in shares), Decimal(0))
    if shares and rest > SLACK:
        shares.insert(0, ("", rest))
    return [[key, f"{percent.normalize():f}"] for key, percent in shares]


# Writing


def write_details(record: MappedRecord, content: Mapping[str, Any]) -> None:
    """Put the details given in place of those that stand; BadInput when one cannot be used."""
    if record.review_due_date is None:
        _start_upkeep(record)
    if "measures" in content:
        record.measures.set(_find(FrameNode, "reference", content["measures"]))
    if "identifiers" in content:
        _write_identifiers(record, content["identifiers"])
    if isinstance(record, Initiative):
        _write_initiative(record, content)


def _start_upkeep(record: MappedRecord) -> None:
    """Whoever writes it says that it is true today."""
    today = record.created_at.date()
    record.last_confirmed_date = today
    record.last_confirmed_by_id = record.owner_person_id
    record.review_due_date = get_review_date(record.kind, today)
    type(record)._base_manager.filter(pk=record.pk).update(
        last_confirmed_date=record.last_confirmed_date,
        last_confirmed_by=record.last_confirmed_by_id,
        review_due_date=record.review_due_date,
    )


def _write_identifiers(record: MappedRecord, rows: Iterable[Sequence[str]]) -> None:
    wanted = {(clean_line(scheme)[:40], clean_line(value)[:300]) for scheme, value in rows}
    Identifier.objects.filter(record_id=record.pk).delete()
    Identifier.objects.bulk_create(
        Identifier(record_id=record.pk, scheme=scheme, value=value)
        for scheme, value in sorted(wanted)
        if scheme and value
    )


def _write_initiative(record: Initiative, content: Mapping[str, Any]) -> None:
    if "parent" in content:
        _write_parent(record, content["parent"])
    economies: set[str] = set()
    if "places" in content:
        economies |= _write_places(record, content["places"])
    organisations: set[str] = set()
    if "partners" in content:
        organisations |= _write_partners(record, content["partners"])
    if "funding" in content:
        organisations |= _write_funding(record, content["funding"])
    if "economy_shares" in content:
        economies |= _write_shares(record, "economy", content["economy_shares"])
    if "topic_shares" in content:
        topics = _write_shares(record, "topic", content["topic_shares"])
        record.topics.add(*_find(Concept, "key", topics, scheme="topics"))
    record.economies.add(*_find(Economy, "code", economies))
    record.organisations.add(*_find(Organisation, "reference", organisations))


def _write_parent(record: Initiative, references: Sequence[str]) -> None:
    parent = None
    if references and references[0]:
        parent = (
            Initiative.objects.for_system("it was chosen by somebody who sees it")
            .filter(reference=references[0])
            .first()
        )
        if parent is None:
            raise BadInput(_("Not known here: %s.") % references[0])
        _refuse_circle(record, parent)
    record.parent = parent
    Initiative._base_manager.filter(pk=record.pk).update(parent=parent)


def _refuse_circle(record: Initiative, parent: Initiative) -> None:
    above: int | None = parent.pk
    for _step in range(20):
        if above == record.pk:
            raise BadInput(_("An initiative cannot be a part of itself."))
        if above is None:
            return
        above = (
            Initiative._base_manager.filter(pk=above).values_list("parent_id", flat=True).first()
        )
    raise BadInput(_("An initiative cannot be a part of itself."))


def _write_places(record: Initiative, rows: Iterable[Sequence[str]]) -> set[str]:
    wanted = {(code, clean_line(name)[:200]) for code, name in rows}
    wanted = {(code, name) for code, name in wanted if code and name}
    codes = {row.code for row in _find(Economy, "code", {code for code, _name in wanted})}
    InitiativePlace.objects.filter(initiative_id=record.pk).delete()
    InitiativePlace.objects.bulk_create(
        InitiativePlace(initiative_id=record.pk, economy_id=code, name=name)
        for code, name in sorted(wanted)
    )
    return codes


def _write_partners(record: Initiative, rows: Iterable[Sequence[str]]) -> set[str]:
    wanted = {(reference, role) for reference, role in rows if reference}
    for _reference, role in wanted:
        if role not in InitiativePartner.Role.values:
            raise BadInput(_("'%s' is not one of the choices.") % role)
    found = {
        row.reference: row.pk
        for row in _find(Organisation, "reference", {r for r, _role in wanted})
    }
    InitiativePartner.objects.filter(initiative_id=record.pk).delete()
    InitiativePartner.objects.bulk_create(
        InitiativePartner(initiative_id=record.pk, organisation_id=found[reference], role=role)
        for reference, role in sorted(wanted)
    )
    return set(found)


def _write_funding(record: Initiative, rows: Iterable[Sequence[str]]) -> set[str]:
    wanted = [tuple(row) for row in rows if any(str(cell).strip() for cell in row[2:5])]
    found = {
        row.reference: row.pk
        for row in _find(Organisation, "reference", {row[0] for row in wanted if row[0]})
    }
    made = [_make_funding(record, position, row, found) for position, row in enumerate(wanted)]
    InitiativeFunding.objects.filter(initiative_id=record.pk).delete()
    InitiativeFunding.objects.bulk_create(made)
    return set(found)


def _make_funding(
    record: Initiative, position: int, row: Sequence[str], donors: Mapping[str, int]
) -> InitiativeFunding:
    donor, stage, amount, currency, band, day = row
    if stage not in InitiativeFunding.Stage.values:
        raise BadInput(_("'%s' is not one of the choices.") % stage)
    if band and band not in InitiativeFunding.Band.values:
        raise BadInput(_("'%s' is not one of the choices.") % band)
    has_amount = bool(str(amount).strip())
    if has_amount and not currency:
        raise BadInput(_("Say in which currency the amount is."))
    if not has_amount and not band:
        raise BadInput(_("Say how much money it is, or in which band it lies."))
    return InitiativeFunding(
        initiative_id=record.pk,
        position=position,
        donor_id=donors[donor] if donor else None,
        stage=stage,
        amount=read_amount(amount) if has_amount else None,
        currency=read_currency(currency) if has_amount else "",
        band="" if has_amount else band,
        value_date=_read_day(day),
    )


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(_("'%s' is not a date.") % text) from None


def _write_shares(record: Initiative, name: str, rows: Iterable[Sequence[str]]) -> set[str]:
    shares = check_shares(rows)
    shares.pop("", None)  # elsewhere
    InitiativeSplit.objects.filter(initiative_id=record.pk, **{f"{name}__isnull": False}).delete()
    if name == "economy":
        found = {row.code: row.code for row in _find(Economy, "code", shares)}
    else:
        found = {row.key: row.pk for row in _find(Concept, "key", shares, scheme="topics")}
    InitiativeSplit.objects.bulk_create(
        InitiativeSplit(initiative_id=record.pk, percent=percent, **{f"{name}_id": found[key]})
        for key, percent in sorted(shares.items())
    )
    return set(shares)


def check_shares(rows: Iterable[Sequence[Any]]) -> dict[str, Decimal]:
    """Shares by key, in percent; BadInput when one is no share or all do not make the whole."""
    shares: dict[str, Decimal] = {}
    for key, percent in rows:
        if not key and not str(percent).strip():
            continue
        share = read_percent(percent)
        shares[key] = shares.get(key, Decimal(0)) + share
    total = sum(shares.values(), Decimal(0))
    if shares and abs(total - WHOLE) > SLACK:
        raise BadInput(
            _("The shares make %s %% together; they must make 100 %%.") % f"{total.normalize():f}"
        )
    return shares


def read_percent(value: Any) -> Decimal:
    """A share above 0 and up to 100; BadInput for anything else."""
    text = str(value).strip().removesuffix("%").strip().replace(",", ".")
    try:
        share = Decimal(text)
    except InvalidOperation:
        share = Decimal("NaN")
    if not share.is_finite() or not 0 < share <= WHOLE:
        raise BadInput(_("'%s' is not a share between 0 and 100 %%.") % value)
    return round(share, 4)


def _find(model: type[models.Model], name: str, values: Iterable[str], **where: str) -> list[Any]:
    wanted = set(values)
    if not wanted:
        return []
    rows = list(model._base_manager.filter(**{f"{name}__in": wanted}, **where))
    missing = wanted - {getattr(row, name) for row in rows}
    if missing:
        raise BadInput(_("Not known here: %s.") % ", ".join(sorted(missing)))
    return rows


# In words


def say_details(name: str, values: Sequence[Any], language: str) -> list[str]:
    """The values of one detail in words, for the history."""
    words = get_vocabulary()
    if name == "measures":
        nodes = FrameNode.objects.filter(reference__in=values).order_by("path")
        return [f"{node.code} {node.get_title(language)}" for node in nodes]
    if name in ("partners", "funding"):
        names = dict(
            Organisation.objects.filter(reference__in=[row[0] for row in values]).values_list(
                "reference", "name"
            )
        )
        return [_say_row([names.get(row[0], ""), *row[1:]]) for row in values]
    if name in ("places", "economy_shares"):
        return [_say_row([words.economy_name(row[0], language), *row[1:]]) for row in values]
    if name == "topic_shares":
        return [_say_row([words.label("topics", row[0], language), *row[1:]]) for row in values]
    if name == "parent":
        return []  # its title may not be for whoever reads the history
    return [_say_row(row) for row in values]


_CHOICES = {
    value: label
    for choices in (
        InitiativePartner.Role.choices,
        InitiativeFunding.Stage.choices,
        InitiativeFunding.Band.choices,
    )
    for value, label in choices
}


def _say_row(row: Iterable[str]) -> str:
    return ", ".join(str(_CHOICES.get(cell, cell)) for cell in row if cell)
