"""What changed from one version of a series' figures to the next, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from focal.indicators.models import FiguresVersion, Observation, Series
from focal.indicators.reading import ENDS, SAID, SAME
from focal.indicators.selectors import name_area

Figure = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version, and what it changed."""

    version: FiguresVersion
    changes: Sequence[str]


def list_versions(series: Series, language: str, limit: int = 40) -> list[ShownVersion]:
    """The versions of a series' figures, the newest first."""
    rows = list(
        FiguresVersion.objects.filter(series_id=series.pk)
        .select_related("by")
        .order_by("-number")[: limit + 1]
    )
    shown = []
    for place, row in enumerate(rows[:limit]):
        before = rows[place + 1].content if place + 1 < len(rows) else None
        changes = [] if before is None else list_changes(before, row.content, language)
        shown.append(ShownVersion(row, changes))
    return shown


def list_changes(before: Sequence[Figure], after: Sequence[Figure], language: str) -> list[str]:
    """What came, went and changed."""
    old = {_key(figure): figure for figure in before}
    new = {_key(figure): figure for figure in after}
    said = [
        _("%(figure)s: new, %(value)s") % {"figure": _name(f, language), "value": _value(f)}
        for key, f in new.items()
        if key not in old
    ]
    said += [
        _("%(figure)s: taken back, was %(value)s")
        % {"figure": _name(f, language), "value": _value(f)}
        for key, f in old.items()
        if key not in new
    ]
    for key, figure in new.items():
        earlier = old.get(key)
        if earlier is None:
            continue
        if _value(earlier) != _value(figure):
            said.append(
                _("%(figure)s: %(before)s became %(after)s")
                % {
                    "figure": _name(figure, language),
                    "before": _value(earlier),
                    "after": _value(figure),
                }
            )
        elif _rest(earlier) != _rest(figure):
            fields = ", ".join(
                str(Observation._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
                for name in sorted({*_rest(earlier), *_rest(figure)})
                if earlier.get(name) != figure.get(name)
            )
            said.append(
                _("%(figure)s: changed in %(fields)s")
                % {"figure": _name(figure, language), "fields": fields}
            )
    return said or [_("The order changed.")]


def _key(figure: Figure) -> tuple[Any, ...]:
    return tuple(figure.get(name, "") for name in SAME)


def _name(figure: Figure, language: str) -> str:
    when = figure.get("as_of") or "–".join(
        part for part in (figure.get("period_start"), figure.get("period_end")) if part
    )
    parts = (name_area(figure["area"], language), figure.get("group"), when)
    return ", ".join(part for part in parts if part)


def _value(figure: Figure) -> str:
    qualifier = figure.get("qualifier", "exact")
    word = "" if qualifier == "exact" else f"{Observation.Qualifier(qualifier).label} "
    upper = f"–{figure['upper']}" if figure.get("upper") else ""
    ends = [figure[name] for name in ENDS if figure.get(name)]
    margin = f" ({'–'.join(ends)})" if ends else ""
    return f"{word}{figure['value']}{upper}{margin}"


def _rest(figure: Figure) -> dict[str, Any]:
    return {
        name: value for name, value in figure.items() if name not in (*SAID, *SAME, "reference")
    }
