"""A briefing is marked at least as its most restricted part; the part that forces it is named."""

from itertools import product

import pytest

from focal.briefings import services
from focal.briefings.forcing import find_forcing
from focal.briefings.models import Briefing
from focal.indicators.chart_services import create_chart
from focal.indicators.models import Observation
from focal.kernel.errors import Refused
from focal.records.services import restore_version, set_sharing, take_step
from focal.sharing.markings import ORDER, Marking
from tests.briefings.conftest import FIGURES, text
from tests.factories import NOON, OrganisationFactory, make_viewer
from tests.indicators.making import make_series

pytestmark = pytest.mark.django_db
WIDE = [marking for marking in ORDER if marking != Marking.RED]


@pytest.fixture
def series(editor):
    """Makes a series of that marking; gives it."""

    def make(marking, key="hidden", **more):
        return make_series(editor, key=key, marking=marking, observations=FIGURES, **more)

    return make


@pytest.fixture
def draft(editor, organisation):
    """Makes a briefing that is not out yet."""

    def make(*blocks, marking=Marking.CLEAR):
        return services.create_briefing(
            title="A briefing", template="topic", language="en", owner_organisation=organisation,
            by=editor, at=NOON, marking=marking, blocks=blocks,
        )  # fmt: skip

    return make


def first_of(series):
    return Observation.objects.filter(series_id=series.pk).order_by("position").first().reference


def test_every_marking_of_part_figure_and_briefing(editor, series):
    """Refused exactly where the narrower of what is quoted exceeds what the part is marked."""
    figures = {marking: first_of(series(marking, key=marking.lower()[:5] + str(n)))
               for n, marking in enumerate(WIDE)}  # fmt: skip

    for own, quoted, whole in product(("", *WIDE), WIDE, WIDE):
        block = {"id": "a" * 14, "kind": "figure", "marking": own, "texts": {}, "checks": [],
                 "observation": figures[quoted]}  # fmt: skip
        found = find_forcing([block], whole, editor)

        is_enough = ORDER.index(Marking(own or whole)) >= ORDER.index(quoted)
        expected = [] if is_enough else [(quoted, bool(own))]
        assert [(one.marking, one.is_portion) for one in found] == expected, (own, quoted, whole)


def test_it_is_not_published_wider_than_a_part_and_the_part_is_named(editor, series, draft):
    bound = first_of(series(Marking.GREEN))
    made = draft({"kind": "figure", "observation": bound}, text("<p>Open.</p>"))

    with pytest.raises(Refused) as refusal:
        take_step(record=made, step="publish", by=editor, at=NOON)

    assert str(refusal.value) == (
        "“Key figure: People who left” is marked TLP:GREEN: mark the whole briefing at least that,"
        " or give this part a marking of its own, so that others read the rest."
    )
    set_sharing(record=made, marking=Marking.GREEN, releases=[], by=editor, at=NOON)
    take_step(record=made, step="publish", by=editor, at=NOON)


def test_it_is_not_shared_wider_than_a_part(editor, series, draft):
    bound = first_of(series(Marking.GREEN))
    made = draft(text(f"<p>It was [[figure:{bound}]].</p>"), marking=Marking.GREEN)
    take_step(record=made, step="publish", by=editor, at=NOON)

    with pytest.raises(Refused, match="It was .* is marked TLP:GREEN"):
        set_sharing(record=made, marking=Marking.CLEAR, releases=[], by=editor, at=NOON)

    assert Briefing.objects.visible_to(editor).get(pk=made.pk).marking == Marking.GREEN


def test_a_part_with_a_marking_of_its_own_forces_nothing(editor, series, draft):
    bound = first_of(series(Marking.GREEN))
    quoting = {"kind": "figure", "observation": bound, "marking": "GREEN"}
    made = draft(quoting, text("<p>Open.</p>"))

    take_step(record=made, step="publish", by=editor, at=NOON)

    counts = {
        marking: len(services.render_edition(made, marking, "en", at=NOON))
        for marking in ("CLEAR", "GREEN")
    }
    assert counts == {"CLEAR": 1, "GREEN": 2}


def test_a_marked_paragraph_forces_nothing_and_the_one_beside_it_does(editor, series, draft):
    bound = f"[[figure:{first_of(series(Marking.GREEN))}]]"
    marked = text(f"<p>Open.</p><p data-marking='GREEN'>It was {bound}.</p>")
    beside = text(f"<p>It was {bound}.</p><p data-marking='GREEN'>It was {bound}.</p>")

    take_step(record=draft(marked), step="publish", by=editor, at=NOON)
    with pytest.raises(Refused, match="is marked TLP:GREEN"):
        take_step(record=draft(beside), step="publish", by=editor, at=NOON)


def test_one_that_is_out_takes_no_part_that_it_is_too_wide_for(editor, series, make):
    made = make(text("<p>Open.</p>"))
    bound = {"kind": "chart", "record": series(Marking.GREEN).reference}

    with pytest.raises(Refused, match="Chart or map: People who left"):
        services.change_blocks(
            briefing=made, blocks=[*made.blocks, bound], base_version=made.version, by=editor,
            at=NOON,
        )  # fmt: skip

    assert len(Briefing.objects.visible_to(editor).get(pk=made.pk).blocks) == 1


def test_an_earlier_version_does_not_bring_such_a_part_back(editor, series, draft):
    bound = {"kind": "figure", "observation": first_of(series(Marking.GREEN))}
    made = draft(bound)
    made = services.change_blocks(
        briefing=made, blocks=[text("<p>x</p>")], base_version=1, by=editor, at=NOON
    )
    take_step(record=made, step="publish", by=editor, at=NOON)

    with pytest.raises(Refused, match="People who left"):
        restore_version(record=made, number=1, base_version=2, by=editor, at=NOON)


def test_a_series_narrowed_later_stops_no_mending(editor, series, make):
    one = series(Marking.CLEAR)
    bound = {"kind": "figure", "observation": first_of(one)}
    made = make(bound, bound)
    set_sharing(record=one, marking=Marking.GREEN, releases=[], by=editor, at=NOON)

    services.change_blocks(
        briefing=made, blocks=made.blocks[:1], base_version=made.version, by=editor, at=NOON
    )

    assert [one.marking for one in find_forcing(made.blocks[:1], "CLEAR", editor)] == ["GREEN"]


def test_a_chart_counts_as_what_it_draws(editor, organisation, series, draft):
    one = series(Marking.CLEAR)
    chart = create_chart(
        content={"title": "Drawn", "language": "en", "form": "bar",
                 "series_list": one.reference},
        owner_organisation=organisation, by=editor, at=NOON, marking=Marking.CLEAR,
    )  # fmt: skip
    take_step(record=chart, step="publish", by=editor, at=NOON)
    set_sharing(record=one, marking=Marking.GREEN, releases=[], by=editor, at=NOON)
    made = draft({"kind": "chart", "record": chart.reference})

    found = find_forcing(made.blocks, made.marking, editor)

    assert [(one.marking, one.name) for one in found] == [("GREEN", "Chart or map: Drawn")]


def test_what_the_publisher_does_not_see_is_not_published_by_them(editor, draft):
    stranger = make_viewer(organisation=OrganisationFactory())
    theirs = make_series(stranger, key="theirs", marking=Marking.AMBER, observations=FIGURES)
    made = draft({"kind": "figure", "observation": first_of(theirs)})

    with pytest.raises(Refused) as hidden:
        take_step(record=made, step="publish", by=editor, at=NOON)
    absent = draft({"kind": "figure", "observation": "nothinghere222"})
    with pytest.raises(Refused) as nothing:
        take_step(record=absent, step="publish", by=editor, at=NOON)

    assert str(hidden.value) == str(nothing.value)
    assert "quotes something that is not there for you" in str(nothing.value)
