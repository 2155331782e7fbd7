"""What a matrix promises, for any facts: sums add up, nothing counts twice, nothing shows."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from focal.mapping.coverage.axes import Axis, Row
from focal.mapping.coverage.cube import make_empty, renew
from focal.mapping.coverage.facts import Fact, share_out
from focal.mapping.coverage.matrix import Cell, Filters, Matrix, Period, Totals, count
from focal.mapping.coverage.pages import make_extract
from focal.mapping.coverage.rules import Reading

# Two pillars, an objective and three measures under the first, one measure under the second.
AXIS = Axis(
    "measure",
    (
        Row(1, "p1", "1", "Pillar", 0, ()),
        Row(2, "o1", "1.1", "Objective", 1, (0,)),
        Row(3, "m1", "1.1.1", "Measure", 2, (0, 1)),
        Row(4, "m2", "1.1.2", "Measure", 2, (0, 1)),
        Row(5, "p2", "2", "Pillar", 0, ()),
        Row(6, "m3", "2.1", "Measure", 1, (4,)),
    ),
)
ECONOMIES = ("AL", "RS", "XK")
TODAY = date(2026, 3, 1)
FILTERS = Filters(Period.of_years(2026, 2026), TODAY)
DAY = date(2026, 1, 1).toordinal()
EVERYBODY, SOMEBODY = ("public",), ("org:7",)


@st.composite
def facts(draw, number):
    kind = draw(st.sampled_from(("need", "response", "initiative")))
    economies = draw(st.lists(st.sampled_from(ECONOMIES), min_size=1, unique=True))
    percents = draw(st.dictionaries(st.sampled_from(economies), st.integers(1, 90)))
    start = DAY + draw(st.integers(-500, 400))
    return Fact(
        record_id=number,
        reference=f"record{number:08}",
        kind=kind,
        audience=draw(st.sampled_from((EVERYBODY, SOMEBODY))),
        counts=draw(st.integers(0, 9)) > 0,
        start=start,
        end=start + draw(st.integers(0, 700)),
        due=DAY + draw(st.integers(-200, 400)),
        economies=share_out(sorted(economies), percents),
        measures=tuple(draw(st.lists(st.sampled_from([2, 3, 4, 6, 99]), min_size=1, unique=True))),
        groups=tuple(draw(st.lists(st.sampled_from(["youth", "teachers"]), unique=True))),
        funders=(draw(st.integers(1, 3)),),
        parent=draw(st.sampled_from((None, None, number - 1))),
        euro=float(draw(st.integers(0, 1000))) if kind == "initiative" else 0.0,
        money_start=start,
        money_end=start + 300,
        has_money=True,
    )


@st.composite
def worlds(draw):
    return [draw(facts(number)) for number in range(1, draw(st.integers(1, 12)) + 1)]


def ask(world, tokens=("public",), *, axis=AXIS, rows=None, economies=ECONOMIES, filters=FILTERS):
    cube = renew(make_empty("test"), world, [], 1)
    visible = cube.get_visible(tokens, [])
    rows = range(len(axis.rows)) if rows is None else rows
    return count(cube, visible, axis, filters, economies=economies, rows=rows)


@settings(max_examples=25, deadline=None)
@given(worlds())
def test_money_of_the_cells_sums_to_the_whole(world):
    matrix = ask(world)

    top = [0, 4]
    whole = sum(cell.euro for row in top for cell in matrix.cells[row])
    assert abs(whole - matrix.total.euro) < 1e-6
    for place, totals in enumerate(matrix.by_economy):
        assert abs(sum(matrix.cells[row][place].euro for row in top) - totals.euro) < 1e-6
    for row, totals in enumerate(matrix.by_row):
        assert abs(sum(cell.euro for cell in matrix.cells[row]) - totals.euro) < 1e-6


@settings(max_examples=25, deadline=None)
@given(worlds())
def test_no_record_counts_twice_however_many_cells_it_is_in(world):
    matrix = ask(world)

    out = [fact for fact in world if fact.audience == EVERYBODY]
    total = matrix.total
    assert total.needs + total.responses + total.initiatives + total.stale <= len(out)
    for line, totals in zip(matrix.cells, matrix.by_row, strict=True):
        assert totals.initiatives <= sum(cell.numbers.initiatives for cell in line)
        assert totals.needs >= max(cell.numbers.needs for cell in line)


@settings(max_examples=20, deadline=None)
@given(worlds(), st.randoms())
def test_a_record_counts_once_however_often_it_is_imported(world, chance):
    once = ask(world)
    cube = renew(make_empty("test"), world, [], 1)
    count(cube, cube.get_visible(["public"], []), AXIS, FILTERS, economies=ECONOMIES, rows=[0])
    for number in range(2, 5):  # what was worked out is carried from one cube to the next
        cube = renew(cube, chance.sample(world, len(world)), [], number)

    again = count(
        cube, cube.get_visible(["public"], []), AXIS, FILTERS, economies=ECONOMIES, rows=range(6)
    )

    assert _numbers(again) == _numbers(once)


@settings(max_examples=20, deadline=None)
@given(worlds(), worlds())
def test_no_cell_changes_when_records_come_that_the_viewer_cannot_see(world, more):
    hidden = [
        replace(fact, record_id=fact.record_id + 100, audience=SOMEBODY,
                reference=f"hidden{fact.record_id:08}", parent=fact.parent)
        for fact in more
    ]  # fmt: skip

    assert _numbers(ask([*hidden, *world])) == _numbers(ask(world))


def _numbers(matrix):
    return (
        [[(c.numbers, round(c.euro, 6), c.reading, c.gaps_within) for c in line]
         for line in matrix.cells],
        [(t.needs, t.responses, t.initiatives, t.stale, round(t.euro, 6))
         for t in (*matrix.by_row, *matrix.by_economy, matrix.total)],
        matrix.restricted, matrix.outside, matrix.without_amount, matrix.readings,
    )  # fmt: skip


def initiative(number, **more):
    given = {"measures": (3,), "economies": {"AL": 1.0}, "groups": ("youth",), "funders": (number,)}
    return Fact(
        record_id=number,
        reference=f"record{number:08}",
        kind="initiative",
        audience=EVERYBODY,
        start=DAY,
        end=DAY + 364,
        **{**given, **more},
    )


def need(number, **more):
    given = {"measures": (3,), "economies": {"AL": 1.0}, **more}
    return Fact(
        record_id=number,
        reference=f"record{number:08}",
        kind="need",
        audience=EVERYBODY,
        **given,
    )


def test_parts_stand_for_their_programme_in_their_cell_and_its_money_counts_once():
    money = {"has_money": True, "money_start": DAY, "money_end": DAY + 364}
    whole = initiative(1, economies={"AL": 0.5, "RS": 0.5}, euro=1000.0, **money)
    part = initiative(2, parent=1, euro=400.0, **money)

    matrix = ask([whole, part])

    assert [cell.numbers.initiatives for cell in matrix.cells[2]] == [1, 1, 0]
    assert [cell.euro for cell in matrix.cells[2]] == [700.0, 300.0, 0.0]
    assert (matrix.total.initiatives, matrix.total.euro) == (2, 1000.0)


def test_part_that_the_viewer_cannot_see_does_not_stand_for_its_programme():
    money = {"has_money": True, "money_start": DAY, "money_end": DAY + 364}
    whole = initiative(1, euro=1000.0, **money)
    part = replace(initiative(2, parent=1, euro=400.0, **money), audience=SOMEBODY)

    for_all, for_some = ask([whole, part]), ask([whole, part], ("public", "org:7"))

    assert for_all.cells[2][0].euro == for_some.cells[2][0].euro == 1000.0
    assert (for_all.restricted, for_some.restricted) == (0, 1)


def test_two_funders_for_the_same_group_at_the_same_time_crowd_a_cell():
    def read(*others):
        return ask([need(1), *others]).cells[2][0].reading

    assert read(initiative(2), initiative(3)) == Reading.CROWDED
    assert read(initiative(2), initiative(3, funders=(2,))) == Reading.COVERED
    assert read(initiative(2), initiative(3, groups=("teachers",))) == Reading.COVERED
    assert read(initiative(2), initiative(3, measures=(4,))) == Reading.THIN
    later = replace(initiative(3), start=DAY + 365, end=DAY + 500)
    both = Filters(Period.of_years(2026, 2027), TODAY)
    assert ask([need(1), initiative(2), later], filters=both).cells[2][0].reading == Reading.COVERED


def test_longest_run_of_the_same_funder_hides_no_overlap():
    long = replace(initiative(2, funders=(1,)), end=DAY + 900)
    short = replace(initiative(3, funders=(2,)), start=DAY + 5, end=DAY + 50)
    again = replace(initiative(4, funders=(1,)), start=DAY + 10)

    assert ask([need(1), long, short, again]).cells[2][0].reading == Reading.CROWDED


def test_broad_row_tells_of_the_gaps_it_covers_up():
    matrix = ask([need(1), initiative(2), need(3, measures=(4,))])

    pillar = matrix.cells[0][0]
    assert (pillar.reading, pillar.gaps_within) == (Reading.THIN, 1)
    assert matrix.readings[Reading.GAP] == 1


def test_statement_past_its_date_is_unknown_and_known_again_when_confirmed():
    late = need(1, due=TODAY.toordinal() - 1)

    assert ask([late]).cells[2][0].reading == Reading.UNKNOWN
    assert ask([replace(late, due=TODAY.toordinal() + 100)]).cells[2][0].reading == Reading.GAP


def test_what_held_in_a_past_period_stays_known_for_it():
    then = Filters(Period.of_years(2024, 2024), TODAY)
    past = need(1, due=date(2025, 2, 1).toordinal())

    assert ask([past], filters=then).cells[2][0].reading == Reading.GAP


def test_need_without_a_group_is_for_every_group_and_an_initiative_without_one_for_none():
    for_youth = replace(FILTERS, groups=frozenset({"youth"}))
    world = [need(1), initiative(2, groups=()), initiative(3, groups=("youth",))]

    numbers = ask(world, filters=for_youth).cells[2][0].numbers

    assert (numbers.needs, numbers.initiatives) == (1, 1)


def test_money_is_counted_as_far_as_its_days_lie_in_the_period():
    runs = initiative(1, euro=730.0, has_money=True, money_start=DAY - 365, money_end=DAY + 364)

    assert round(ask([runs]).total.euro, 6) == 365.0


def test_extract_names_economies_by_what_is_known_and_is_silent_about_the_rest():
    gap, covered, unknown = (
        Cell(reading=r) for r in (Reading.GAP, Reading.COVERED, Reading.UNKNOWN)
    )
    lines = ((gap, covered, gap), (unknown, unknown, unknown), (unknown, covered, unknown))
    matrix = Matrix(AXIS, ECONOMIES, (0, 1, 2), lines, (), (), Totals())
    names = (("AL", "Albania"), ("RS", "Serbia"), ("XK", "Kosovo*"))
    asked = SimpleNamespace(economies=names, question=SimpleNamespace(by="measure"))

    table = make_extract(asked, matrix)

    assert [column.label for column in table.columns] == ["Measure", "Gap", "Covered"]
    assert table.rows == [
        ["1 Pillar", "Albania, Kosovo*", "Serbia"],
        ["1.1.1 Measure", "", "Serbia"],
    ]
