"""Changes of series and their observations: with their log and outbox entries, or not at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.models import Organisation
from focal.indicators.models import WORLD, Observation, Series
from focal.kernel.errors import BadInput
from focal.outbox.services import emit
from focal.records import services as records
from focal.records.content import clean_line, clean_text
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

KIND = "indicator"
WORDS = ("group", "edition", "source_title", "source_page")
DAYS = ("period_start", "period_end", "as_of")
PARTIAL_DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
FIELDS = (
    "area", "value", "upper", "qualifier", "status", "is_headline", "source_url", "note",
    *WORDS, *DAYS,
)  # fmt: skip


@transaction.atomic
def create_series(
    *,
    key: str,
    content: Mapping[str, Any],
    observations: Sequence[Mapping[str, Any]],
    owner_organisation: Organisation,
    by: Viewer,
    at: datetime,
    marking: str = Marking.CLEAR,
    releases: Collection[str] = (),
    reference: str | None = None,
) -> Series:
    """A new series with its observations, as a draft. BadInput when the key is taken."""
    if find_series(key) is not None:
        raise BadInput(_("There is a series '%s' already.") % key)
    record = records.create_record(
        kind=KIND,
        content={**content, "key": key},
        owner_organisation=owner_organisation,
        by=by,
        at=at,
        marking=marking,
        releases=releases,
        reference=reference,
    )
    series = _lock(record.pk)
    set_observations(series=series, observations=observations, by=by, at=at)
    return series


@transaction.atomic
def update_series(
    *,
    key: str,
    content: Mapping[str, Any],
    observations: Sequence[Mapping[str, Any]],
    by: Viewer,
    at: datetime,
) -> Series:
    """Bring a series in line with what is given. What is the same already is left alone."""
    series = find_series(key)
    if series is None:
        raise BadInput(_("There is no series '%s'.") % key)
    records.edit_record(record=series, content=content, base_version=series.version, by=by, at=at)
    set_observations(series=series, observations=observations, by=by, at=at)
    return _lock(series.pk)


@transaction.atomic
def set_observations(
    *, series: Series, observations: Sequence[Mapping[str, Any]], by: Viewer, at: datetime
) -> bool:
    """Put these figures in place of those that stand, in this order; false when they are the same.

    An observation needs `area` (an economy or a group), `value` and `source_title`; the
    rest of FIELDS may be left out. The log keeps how many there were, not what they say:
    it is read by people whom the series may not be for.
    """
    series = _lock(series.pk)
    records.require(policy.may_edit(by, series))
    rows = [_read(position, given) for position, given in enumerate(observations)]
    before, after = _describe(_get_rows(series)), _describe(rows)
    if before == after:
        return False
    Observation.objects.filter(series_id=series.pk).delete()
    for row in rows:
        row.series_id = series.pk
    Observation.objects.bulk_create(rows)
    Series._base_manager.filter(pk=series.pk).update(updated_at=at)
    write_entry(
        action="series.observed",
        target_kind="record",
        target_key=series.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"figures_before": len(before), "figures_after": len(after)},
    )
    emit(topic=records.TOPIC, keys=[series.reference], at=at)
    return True


def find_series(key: str) -> Series | None:
    """The series of that key, for code that keeps series in line with a file."""
    return Series.objects.for_system("keys are unique over all series").filter(key=key).first()


def _lock(pk: int) -> Series:
    return Series._base_manager.select_for_update(of=("self",)).get(pk=pk)


def _get_rows(series: Series) -> list[Observation]:
    return list(Observation.objects.filter(series_id=series.pk).order_by("position"))


def _describe(rows: Sequence[Observation]) -> list[dict[str, Any]]:
    """The figures as the log keeps them: what was said, without what was left empty."""
    return [
        {name: _plain(value) for name in FIELDS if (value := getattr(row, name)) not in ("", None)}
        for row in rows
    ]


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _read(position: int, given: Mapping[str, Any]) -> Observation:
    """One figure, cleaned; BadInput says which one cannot be used, and why."""
    try:
        return _read_fields(position, given)
    except BadInput as error:
        raise BadInput(
            _("Figure %(number)s: %(problem)s") % {"number": position + 1, "problem": error}
        ) from None


def _read_fields(position: int, given: Mapping[str, Any]) -> Observation:
    if unknown := set(given) - set(FIELDS):
        raise BadInput(_("It has no field '%s'.") % ", ".join(sorted(unknown)))
    row = Observation(
        position=position,
        area=_read_area(given.get("area", "")),
        value=_read_number(given.get("value")),
        upper=None if given.get("upper") in ("", None) else _read_number(given["upper"]),
        qualifier=_read_choice(given.get("qualifier", "exact"), Observation.Qualifier),
        status=_read_choice(given.get("status", "final"), Observation.Status),
        is_headline=bool(given.get("is_headline", False)),
        source_url=_read_address(given.get("source_url", "")),
        note=clean_text(str(given.get("note", ""))),
        **{name: clean_line(str(given.get(name, ""))) for name in WORDS},
        **{name: _read_day(given.get(name, "")) for name in DAYS},
    )
    if row.upper is not None and row.upper < row.value:
        raise BadInput(_("the upper end is below the value."))
    if not row.source_title:
        raise BadInput(_("say where it comes from."))
    return row


def _read_area(code: str) -> str:
    vocabulary = get_vocabulary()
    if code in vocabulary.economies or code in vocabulary.groups or code == WORLD:
        return code
    raise BadInput(_("'%s' is neither an economy nor a group of economies.") % code)


def _read_number(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 16:
        raise BadInput(_("'%s' is not a number that can be kept.") % value)
    return round(number, 4)


def _read_choice(value: str, choices: Any) -> str:
    if value not in choices.values:
        raise BadInput(_("'%s' is not one of the choices.") % value)
    return str(value)


def _read_day(value: Any) -> str:
    text = str(value or "")
    if text and not PARTIAL_DAY.fullmatch(text):
        raise BadInput(_("'%s' is not a day, a month (2024-05) or a year.") % text)
    return text


def _read_address(value: str) -> str:
    text = clean_line(str(value))
    if text and not text.startswith(("https://", "http://")):
        raise BadInput(_("'%s' is not an address on the web.") % text)
    return text[:1000]
