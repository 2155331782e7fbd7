"""The checks on a series as it stands, in sentences for its editors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from focal.indicators import checks
from focal.indicators.charting import read_time
from focal.indicators.checks import Fact, Finding
from focal.indicators.disclosure import find_given_away, get_threshold
from focal.indicators.models import Observation, Series
from focal.indicators.naming import find_former
from focal.indicators.selectors import format_number, format_period, name_area
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.selectors import get_vocabulary

MOST_WARNINGS = 30


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 -- what an editor calls it
    """A rule, in a word and in a sentence with the figures."""

    rule: str
    rule_label: str
    sentence: str


def check_series(viewer: Viewer, series: Series) -> list[Warning]:
    """What the checks say of a series and those it is tied to, as far as the viewer sees them."""
    family = _find_family(viewer, series)
    rows: dict[int, list[Observation]] = defaultdict(list)
    standing = Observation.objects.standing().filter(series_id__in=[row.pk for row in family])
    for row in standing.in_order():
        rows[row.series_id].append(row)
    facts = {member.key: [make_fact(row, member) for row in rows[member.pk]] for member in family}
    findings = [
        *_check_kind(series, facts[series.key]),
        *_check_alone(series, facts[series.key]),
        *_check_family(family, facts),
    ]
    given_away = [_say_given_away(row, others) for row, others in find_given_away(family)]
    return [*given_away, *map(_say, findings)][:MOST_WARNINGS]


def _say_given_away(row: Observation, others: Sequence[Series]) -> Warning:
    series = " / ".join(f"'{other.title}'" for other in others)
    return Warning(
        "given_away",
        str(_("Small count")),
        _(
            "%(figure)s is not shown, because it is small; but who sees %(series)s beside it can"
            " work it out. Give them the same readers, or take one of the figures out."
        )
        % {"figure": make_fact(row, row.series).label, "series": series},
    )


def check_facts(series: Series, rows: Sequence[Observation]) -> list[Warning]:
    """What the checks say of figures that are not kept yet (a dry run)."""
    facts = [make_fact(row, series) for row in rows]
    found = [*_check_kind(series, facts), *_check_alone(series, facts)]
    return [_say(finding) for finding in found[:MOST_WARNINGS]]


def make_fact(row: Observation, series: Series) -> Fact:
    """A figure as the checks see it."""
    language = canonical_language(get_language() or "en")
    words = (
        name_area(row.area, language),
        row.group,
        str(row.get_sex_display()) if row.sex else "",
        row.age,
        format_period(row),
        format_number(row.value),
    )
    return Fact(
        label=", ".join(word for word in words if word),
        subject=(row.area, row.group, row.sex, row.age),
        value=float(row.value),
        upper=None if row.upper is None else float(row.upper),
        qualifier=row.qualifier,
        margin=None
        if row.margin_low is None or row.margin_high is None
        else (float(row.margin_low), float(row.margin_high)),
        time=read_time(row),
        moment=(row.source_title, row.edition, row.period_start, row.period_end, row.as_of),
        unit=series.unit if series.measure != "change" else "",
        group=row.group,
        note=row.note,
        texts=(row.group, row.note, row.edition),
        is_break=row.is_break,
        method=row.rule,
    )


def _find_family(viewer: Viewer, series: Series) -> list[Series]:
    """The series, the whole it is part of and the parts of that whole."""
    root = series.part_of or series.key
    visible = Series.objects.visible_to(viewer).defer("body", "summary")
    tied = [*visible.filter(key=root), *visible.filter(part_of=root)]
    return [series, *(row for row in tied if row.pk != series.pk)]


def _check_kind(series: Series, facts: Sequence[Fact]) -> Iterator[Finding]:
    """A small number where nobody has said whether people are counted: it is not protected."""
    if series.measure or series.counts_persons or any(fact.value % 1 for fact in facts):
        return
    threshold = get_threshold(series.marking or Marking.CLEAR)
    small = next((fact for fact in facts if 0 < fact.value < threshold and fact.unit != "%"), None)
    if small is not None:
        yield Finding("kind", (small.label,), {})


def _check_alone(series: Series, facts: Sequence[Fact]) -> Iterator[Finding]:
    scale = [line.strip() for line in series.scale.splitlines() if line.strip()]
    members = {code: group.get_members() for code, group in get_vocabulary().groups.items()}
    yield from checks.check_total_of_areas(facts, members)
    yield from checks.check_totals_of_groups(facts)
    yield from checks.check_shares(facts)
    yield from checks.check_units(facts)
    yield from checks.check_breaks(facts)
    yield from checks.check_scales(facts, scale)
    yield from checks.check_names(facts, find_former)


def _check_family(family: Sequence[Series], facts: dict[str, list[Fact]]) -> Iterator[Finding]:
    """Parts kept in series of their own, against their whole: same place, source and moment."""
    for whole in family:
        parts = [member for member in family if member.part_of == whole.key]
        for fact in facts[whole.key] if parts else []:
            there = [
                found
                for member in parts
                if (
                    found := next(
                        (
                            other
                            for other in facts[member.key]
                            if other.subject == fact.subject and other.moment == fact.moment
                        ),
                        None,
                    )
                )
            ]
            finding = checks.check_parts(fact, there, is_all=len(there) == len(parts))
            if there and finding:
                yield finding


def _say(finding: Finding) -> Warning:
    rules = {
        "kind": (
            _("Small count"),
            _(
                "%(first)s is small, and it is not said whether people are counted. Say so under"
                " 'kind of number': small counts of people are protected then."
            ),
        ),
        "parts": (
            _("Parts and whole"),
            _("The parts of %(first)s add up to %(sum)s, and the whole is %(whole)s (%(others)s)."),
        ),
        "break": (
            _("Break in the series"),
            _("%(first)s and %(others)s were counted by different rules, and no break is marked."),
        ),
        "unit": (
            _("Unit"),
            _("%(first)s is about %(factor)s times off the others, which lie around %(usual)s."),
        ),
        "share": (_("Share"), _("%(first)s: a share of a whole is between 0 and 100 %%.")),
        "fraction": (
            _("Share"),
            _("%(first)s looks like a fraction among per cents: is it a hundred times as much?"),
        ),
        "scale": (
            _("Scale turned round"),
            _(
                "The answers at %(others)s are those of %(first)s read from the other end: is the"
                " scale the wrong way round?"
            ),
        ),
        "scale_words": (
            _("Scale turned round"),
            _("%(first)s: '%(group)s' is explained by its opposite ('%(note)s')."),
        ),
        "name": (
            _("Name"),
            _("%(first)s: '%(name)s' is a name of former days."),
        ),
    }
    label, sentence = rules[finding.rule]
    first, *others = finding.labels
    values = {**finding.details, "first": first, "others": "; ".join(others)}
    if "usual" in values:
        values["usual"] = format_number(Decimal(values["usual"]))
    return Warning(finding.rule, str(label), str(sentence) % values)


def explain_rivals(rows: Sequence[Observation], series: Series) -> list[str]:
    """Why figures for the same thing may differ, and whether they contradict one another."""
    facts = [make_fact(row, series) for row in rows]
    said = []
    times = {format_period(row) for row in rows} - {""}
    if len(times) > 1:
        said.append(_("They hold for different times: %s.") % ", ".join(sorted(times)))
    rules = {row.rule for row in rows} - {""}
    if len(rules) > 1:
        said.append(_("They count by different rules: %s.") % "; ".join(sorted(rules)))
    if any(not row.as_of and not row.period_end for row in rows):
        said.append(_("Not every source says for when its figure holds."))
    rough = [row for row in rows if row.qualifier not in ("exact", "unknown")]
    if rough:
        said.append(_("Some are round or bounds, not counts."))
    pairs = [(a, b) for i, a in enumerate(facts) for b in facts[i + 1 :]]
    if any(checks.do_contradict(a, b) for a, b in pairs):
        said.append(_("Read with their qualifiers, they cannot all be right for one moment."))
    else:
        said.append(_("Read with their qualifiers, they do not contradict one another."))
    return said
