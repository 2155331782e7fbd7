"""Checks that speak: each names its rule and its figures, and is silent where all is well."""

import math

import pytest

from focal.indicators import checks, services
from focal.indicators.checking import check_series, explain_rivals
from focal.indicators.checks import Fact
from focal.indicators.models import Observation, Preference
from focal.indicators.naming import find_former
from focal.kernel.errors import BadInput, Refused
from tests.factories import NOON, OrganisationFactory, make_viewer
from tests.indicators.making import make_series

SCALE = ("Very safe", "Rather safe", "Rather unsafe", "Very unsafe")


def fact(value, label="", *, area="AL", group="", sex="", **more):
    label, subject = label or f"{value:g}", (area, group, sex, "")
    return Fact(label=label, subject=subject, value=value, group=group, **more)


def said(findings):
    return [(finding.rule, finding.labels) for finding in findings]


@pytest.mark.parametrize(
    ("qualifier", "upper", "interval"),
    [
        ("exact", None, (50, 50)),
        ("about", None, (45, 55)),
        ("some", None, (45, 55)),
        ("more_than", None, (50, math.inf)),
        ("at_least", None, (50, math.inf)),
        ("less_than", None, (0, 50)),
        ("up_to", None, (0, 50)),
        ("exact", 60, (50, 60)),
        ("unknown", None, (49.5, 50.5)),
    ],
)
def test_qualifiers_are_read_as_intervals(qualifier, upper, interval):
    assert checks.read_interval(50, upper, qualifier) == pytest.approx(interval)


@pytest.mark.parametrize(
    ("parts", "is_all", "is_told"),
    [
        ([300, 200, 400], True, True),  # 900 of 1,000: the rest is missing from the parts
        ([300, 200, 400, 100], True, False),
        ([300, 200, 400], False, False),  # others may make up the rest
        ([300, 200, 600], False, True),  # more than the whole
    ],
)
def test_parts_are_held_against_their_whole(parts, is_all, is_told):
    whole = fact(1000, "travelled")
    found = checks.check_parts(whole, [fact(part) for part in parts], is_all=is_all)

    assert (found is not None) == is_told
    if found:
        assert (found.rule, found.details["whole"]) == ("parts", "1000")


def test_qualifiers_give_parts_room():
    """About 1,000 travelled; 300 returned, more than 200 were killed, some 400 remained."""
    whole = fact(1000, "travelled", qualifier="about")
    parts = [fact(300), fact(200, qualifier="more_than"), fact(400, qualifier="some")]

    assert checks.check_parts(whole, parts, is_all=True) is None
    assert checks.check_parts(fact(800), parts, is_all=True).rule == "parts"


def test_group_of_economies_is_held_against_its_members():
    members = {"WB6": ("AL", "BA")}
    moment = ("A source", "", "", "", "2019")
    facts = [fact(n, area=area, moment=moment) for area, n in (("WB6", 50), ("AL", 30), ("BA", 40))]

    assert said(checks.check_total_of_areas(facts, members)) == [("parts", ("50", "30", "40"))]
    other = [facts[0], *(fact(n, area=a, moment=("B",)) for a, n in (("AL", 30), ("BA", 40)))]
    assert said(checks.check_total_of_areas(other, members)) == []  # another source: no parts


def test_total_is_held_against_women_and_men():
    facts = [fact(60), fact(3, sex="F"), fact(50, sex="M")]

    assert said(checks.check_totals_of_groups(facts)) == [("parts", ("60", "3", "50"))]
    assert said(checks.check_totals_of_groups([fact(53), *facts[1:]])) == []


def test_break_is_told_where_none_is_marked():
    line = [fact(40 + n, time=2015.0 + n, method="adults") for n in range(3)]
    changed = fact(70, time=2018, method="children too")

    assert said(checks.check_breaks([*line, changed])) == [("break", ("42", "70"))]
    marked = fact(70, time=2018, method="children too", is_break=True)
    assert said(checks.check_breaks([*line, marked])) == []


def test_rivals_of_one_moment_are_no_break():
    rivals = [fact(40 + n, time=2016.0, method=f"rule {n}") for n in range(4)]

    assert said(checks.check_breaks(rivals)) == []


@pytest.mark.parametrize(("value", "factor"), [(41_000, "1000"), (0.04, "1000"), (4_200, "100")])
def test_slip_of_the_unit_is_told(value, factor):
    facts = [fact(40), fact(41), fact(43), fact(value, "slipped")]

    found = list(checks.check_units(facts))

    assert said(found) == [("unit", ("slipped",))]
    assert found[0].details["factor"] == factor


def test_growth_is_no_slip():
    assert said(checks.check_units([fact(n) for n in (10, 20, 40, 80, 160)])) == []


def test_rise_that_goes_on_is_no_slip_and_a_lone_leap_is():
    rising = [fact(n, time=2010.0 + at) for at, n in enumerate((10, 11, 12, 90, 1500, 2500))]
    leap = [fact(n, time=2010.0 + at) for at, n in enumerate((10, 11, 1200, 12, 13))]

    assert said(checks.check_units(rising)) == []
    assert said(checks.check_units(leap)) == [("unit", ("1200",))]


def test_shares_that_are_small_anyhow_are_no_fractions():
    """Poverty in one economy, and one slip in the military expenditure of another."""
    low = [fact(n, unit="%", area="SI") for n in (1.1, 0.3, 0.6, 2.2)]
    high = [fact(n, unit="%", area="MK") for n in (31, 28, 22)]
    slip = [fact(n, unit="%", area="XK") for n in (0.016, 0.72, 0.8)]

    assert said(checks.check_shares([*low, *high, *slip])) == [("fraction", ("0.016",))]


def test_share_beyond_the_whole_is_told():
    facts = [fact(101, unit="%"), fact(-1, unit="%"), fact(100, unit="%"), fact(101, unit="people")]

    assert said(checks.check_shares(facts)) == [("share", ("101",)), ("share", ("-1",))]


def test_fraction_among_per_cents_is_told():
    facts = [fact(n, unit="%") for n in (44, 51, 47, 0.46)]

    assert said(checks.check_shares(facts)) == [("fraction", ("0.46",))]
    assert said(checks.check_shares([fact(n, unit="%") for n in (44, 51, 47, 0.1)])) == []


def answers(time, values):
    return [
        fact(value, f"{answer} {time:g}", group=answer, time=time)
        for answer, value in zip(SCALE, values, strict=True)
    ]


def test_scale_turned_round_is_told_by_its_figures():
    facts = [*answers(2018, (50, 30, 15, 5)), *answers(2019, (6, 14, 31, 49))]

    assert said(checks.check_scales(facts, SCALE)) == [
        ("scale", ("Very safe 2018", "Very safe 2019"))
    ]
    steady = [*answers(2018, (50, 30, 15, 5)), *answers(2019, (45, 32, 16, 7))]
    assert said(checks.check_scales(steady, SCALE)) == []


def test_scale_turned_round_is_told_by_its_words():
    """As a portal prints it: 'worried' explained as 'not at all, not much'."""
    turned = fact(53, "worried", group="Worried", note="not at all + not much")
    right = fact(47, group="Not worried", note="not at all + not much")

    assert said(checks.check_scales([turned, right], ())) == [("scale_words", ("worried",))]


def test_name_of_former_days_is_told():
    facts = [fact(1, "old", texts=("Macedonia, FYR",)), fact(2, texts=("North Macedonia",))]

    assert said(checks.check_names(facts, find_former)) == [("name", ("old",))]


# In a series: the same in sentences, and nothing is changed


def figure(area, value, source="An office", **more):
    return {"area": area, "value": value, "source_title": source, **more}


@pytest.mark.django_db
def test_editor_reads_sentences_and_the_figures_stay(editor):
    shares = [figure("AL", n, as_of=str(year)) for year, n in ((2018, 44), (2019, 51), (2020, 47))]
    series = make_series(editor, unit="%", observations=[*shares, figure("AL", "0.46")])
    before = list(Observation.objects.values_list("value", flat=True))

    found = check_series(editor, series)

    assert [(warning.rule, warning.sentence) for warning in found] == [
        ("fraction", "Albania, 0.46 looks like a fraction among per cents: is it a hundred times"
         " as much?"),
        ("unit", "Albania, 0.46 is about 100 times off the others, which lie around 47."),
    ]  # fmt: skip
    assert list(Observation.objects.values_list("value", flat=True)) == before


@pytest.mark.django_db
def test_small_numbers_of_no_stated_kind_are_told_of(editor):
    rows = [figure("AL", 3), figure("BA", 4000)]
    silent = make_series(editor, unit="number", observations=rows)
    said = make_series(editor, key="b", unit="number", measure="count", observations=rows)

    assert [warning.sentence for warning in check_series(editor, silent)] == [
        "Albania, 3 is small, and it is not said whether people are counted. Say so under 'kind of"
        " number': small counts of people are protected then."
    ]
    assert check_series(editor, said) == []


@pytest.mark.django_db
def test_parts_kept_in_series_of_their_own_are_held_against_the_whole(editor):
    row = {"as_of": "2019"}
    whole = make_series(editor, key="left", observations=[figure("AL", 144, **row)])
    for key, value in (("killed", 26), ("returned", 45), ("there", 173)):
        make_series(editor, key=key, part_of="left", observations=[figure("AL", value, **row)])

    said = [warning.sentence for warning in check_series(editor, whole)]

    assert said == [
        "The parts of Albania, as of 2019, 144 add up to 244, and the whole is 144 (Albania, as of"
        " 2019, 26; Albania, as of 2019, 45; Albania, as of 2019, 173)."
    ]


@pytest.mark.django_db
def test_page_of_rivals_says_why_they_differ(client, editor):
    """'Returned' is 49, about 50 and more than 100, depending on who says so."""
    series = make_series(
        editor,
        observations=[
            figure("BA", 49, "A news agency", as_of="2019-12"),
            figure("BA", 50, "The ministry", qualifier="about", as_of="2019-03",
                   rule="children counted"),
            figure("BA", 100, "An institute", qualifier="more_than", rule="adults"),
        ],
    )  # fmt: skip

    why = explain_rivals(list(Observation.objects.order_by("position")), series)

    assert why == [
        "They hold for different times: as of December 2019, as of March 2019.",
        "They count by different rules: adults; children counted.",
        "Not every source says for when its figure holds.",
        "Some are round or bounds, not counts.",
        "Read with their qualifiers, they cannot all be right for one moment.",
    ]
    page = client.get(f"/figures/{series.reference}/").content.decode()
    for line in why:
        assert f"<li>{line}</li>" in page


@pytest.mark.django_db
def test_rivals_that_fit_are_said_to_fit(editor):
    rows = [figure("BA", 49, "One"), figure("BA", 50, "Two", qualifier="about")]
    series = make_series(editor, observations=rows)

    why = explain_rivals(list(Observation.objects.order_by("position")), series)

    assert why[-1] == "Read with their qualifiers, they do not contradict one another."


# One among rivals for a purpose


@pytest.fixture
def rivals(editor):
    rows = [figure("BA", 49, "One"), figure("BA", 52, "Two")]
    series = make_series(editor, observations=rows)
    return series, list(Observation.objects.order_by("position"))


def prefer(series, observation, by, **more):
    given = {"purpose": "The yearly report", "reason": "It names its source.", **more}
    return services.prefer(series=series, observation=observation, by=by, at=NOON, **given)


@pytest.mark.django_db
def test_one_is_preferred_for_a_purpose_with_the_reason_shown(client, editor, rivals):
    series, (one, two) = rivals

    prefer(series, one, editor)
    prefer(series, two, editor, purpose="The website")
    prefer(series, two, editor)  # another one for the same purpose takes its place

    rows = Preference.objects.order_by("purpose").values_list("purpose", "observation")
    assert list(rows) == [("The website", two.pk), ("The yearly report", two.pk)]
    page = client.get(f"/figures/{series.reference}/").content.decode()
    assert "<strong>The yearly report:</strong>" in page
    assert "52 people (Two). It names its source." in page


@pytest.mark.django_db
def test_preference_moves_to_the_corrected_figure(editor, rivals):
    series, (one, two) = rivals
    prefer(series, one, editor)

    corrected = [figure("BA", 51, "One", reference=one.reference),
                 figure("BA", 52, "Two", reference=two.reference)]  # fmt: skip
    services.set_observations(series=series, observations=corrected, by=editor, at=NOON)

    assert Preference.objects.get().observation.value == 51


@pytest.mark.django_db
@pytest.mark.parametrize(("missing", "sentence"), [("purpose", "for what"), ("reason", "why")])
def test_preference_without_purpose_or_reason_is_refused(editor, rivals, missing, sentence):
    series, (one, _two) = rivals

    with pytest.raises(BadInput, match=sentence):
        prefer(series, one, editor, **{missing: " "})


@pytest.mark.django_db
def test_nobody_else_prefers(editor, rivals):
    series, (one, _two) = rivals
    stranger = make_viewer(organisation=OrganisationFactory())

    with pytest.raises(Refused):
        prefer(series, one, stranger)

    assert not Preference.objects.exists()
