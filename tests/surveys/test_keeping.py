"""A survey's estimates become figures, and keep what must be said with them."""

import json

import pytest
from click.testing import CliRunner

from focal.directory.models import Person
from focal.indicators import selectors as indicators
from focal.indicators.models import Observation, Series
from focal.kernel.errors import BadInput
from focal.records.services import take_step
from focal.surveys import estimation, selectors
from focal.surveys.cli import survey as program
from focal.surveys.keeping import keep_estimates
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON, OrganisationFactory, make_viewer
from tests.surveys.making import DESIGN, bring, change, find, make_rows

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _economies(db):
    load_vocabulary(NOON)


def keep(survey, edition, editor, *keys, code="q1"):
    table = selectors.get_table(survey, find(edition, code), selectors.choose_groups(edition, keys))
    return keep_estimates(survey=survey, table=table, by=editor, at=NOON), table


def test_estimates_become_figures_with_interval_and_source(editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)

    series, table = keep(survey, edition, editor, "economy")

    cell = table.get(("1",), "1")
    row = Observation.objects.get(area="AL", group="Very satisfied")
    assert (series.title, series.unit, series.measure, series.marking, series.state) == (
        "How satisfied are you with security?", "%", "share", "CLEAR", "draft",
    )  # fmt: skip
    assert series.scale.splitlines() == ["Very satisfied", "Satisfied", "Dissatisfied"]
    assert f"{row.value:.1f}" == f"{100 * cell.estimate:.1f}"
    assert (row.qualifier, row.period_start, row.period_end, row.edition, row.source_title) == (
        "about", "2024-02-01", "2024-03-01", "2024", "A barometer, 2024",
    )  # fmt: skip
    margin = (f"{row.margin_low:.1f}", f"{row.margin_high:.1f}", row.margin_level, row.margin_kind)
    assert margin == (f"{100 * cell.low:.1f}", f"{100 * cell.high:.1f}", 95, "confidence")
    assert row.note == f"{cell.n} persons answered."
    assert row.source_url.endswith(f"/surveys/{survey.reference}/{edition.reference}/q1/")


def test_hidden_cells_are_left_out(editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)

    _series, table = keep(survey, edition, editor, "economy")

    shown = sum(cell.estimate is not None for cell in table.cells)
    assert Observation.objects.count() == shown < len(table.cells)
    assert not Observation.objects.filter(group="Dissatisfied").exists()


def test_means_by_sex_and_the_whole_region(editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)

    series, _table = keep(survey, edition, editor, "sex", code="age")

    rows = Observation.objects.order_by("position").values_list("area", "sex", "group")
    assert list(rows) == [("world", "F", ""), ("world", "M", "")]
    assert series.measure == "score"


def test_twice_is_once_a_later_edition_adds_and_a_corrected_one_supersedes(
    editor, organisation, tmp_path
):
    survey, edition = bring(editor, organisation, tmp_path)
    series, _table = keep(survey, edition, editor, "economy")
    take_step(record=series, step="publish", by=editor, at=NOON)
    references = set(Observation.objects.values_list("reference", flat=True))
    keep(survey, edition, editor, "economy")
    assert set(Observation.objects.values_list("reference", flat=True)) == references

    later = change(edition={"name": "2025"})
    _survey, second = bring(editor, organisation, tmp_path, rows=make_rows(seed=2), design=later)
    keep(survey, second, editor, "economy")
    standing = Observation.objects.standing()
    assert {row.edition for row in standing} == {"2024", "2025"}
    assert references <= {row.reference for row in standing}

    _survey, edition = bring(editor, organisation, tmp_path, rows=make_rows(seed=3))
    keep(survey, edition, editor, "economy")
    assert Observation.objects.filter(reference__in=references, superseded_by=None).count() < 4
    assert len(indicators.list_figures(series, "en")) == Observation.objects.standing().count()


def test_edition_that_may_not_be_compared_is_kept_behind_a_break(editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)
    keep(survey, edition, editor)
    turned = {**DESIGN["questions"][0], "direction": "worst_first"}
    later = {"name": "2025", "fieldwork_start": "2025-02-01", "fieldwork_end": "2025-03-01"}
    design = change(edition=later, questions=[turned])
    _survey, second = bring(editor, organisation, tmp_path, design=design)

    keep(survey, second, editor)

    rows = Observation.objects.filter(group="Satisfied").order_by("edition")
    assert [(row.edition, row.is_break) for row in rows] == [("2024", False), ("2025", True)]
    assert "Compared with 2024: The scale runs the other way" in rows[1].note


def test_one_click_on_the_page_and_nobody_else_s(client, editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)
    address = f"/surveys/{survey.reference}/{edition.reference}/q1/"
    stranger = make_viewer(organisation=OrganisationFactory())

    _sign_in(client, stranger)
    assert "Keep these estimates" not in client.get(address).content.decode()
    assert client.post(f"{address}keep/", {"by": "economy"}).status_code == 403
    assert not Series._base_manager.exists()

    _sign_in(client, editor)
    assert "Keep these estimates" in client.get(f"{address}?by=economy").content.decode()
    said = client.post(f"{address}keep/", {"by": "economy"})
    assert said["Location"] == Series._base_manager.get().get_absolute_url()


def test_nothing_to_keep_is_said(client, editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path, rows=make_rows(count=20))

    _sign_in(client, editor)
    said = client.post(
        f"/surveys/{survey.reference}/{edition.reference}/age/keep/", {"by": "sex"}, follow=True
    )

    assert "All of it is hidden: there is nothing to keep." in said.content.decode()
    assert estimation.LEAST_BASE > 20


def _sign_in(client, viewer):
    client.force_login(
        Person.objects.get(pk=viewer.person_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )


def test_margin_that_was_not_told_is_told_without_another_figure(editor, organisation, tmp_path):
    """Figures kept before margins were: whoever quotes them has nothing to look at anew."""
    survey, edition = bring(editor, organisation, tmp_path)
    series, _table = keep(survey, edition, editor, "economy")
    take_step(record=series, step="publish", by=editor, at=NOON)
    without = {"margin_low": None, "margin_high": None, "margin_level": None, "margin_kind": ""}
    Observation.objects.update(**without)
    references = set(Observation.objects.values_list("reference", flat=True))

    keep(survey, edition, editor, "economy")

    standing = Observation.objects.standing()
    assert {row.reference for row in standing} == references
    assert {row.margin_kind for row in standing} == {"confidence"}


def test_command_tells_margins_of_what_the_answers_still_give(editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)
    series, _table = keep(survey, edition, editor, "economy", "sex")
    keep(survey, edition, editor)
    take_step(record=series, step="publish", by=editor, at=NOON)
    without = {"margin_low": None, "margin_high": None, "margin_level": None, "margin_kind": ""}
    Observation.objects.update(**without)
    changed = Observation.objects.first()
    Observation.objects.filter(pk=changed.pk).update(value=changed.value + 1)
    count = Observation.objects.count()

    def ask(*more):
        options = ["--organisation", organisation.name, *more, "--json"]
        said = CliRunner().invoke(program, ["margins", "barometer", *options])
        assert said.exception is None, repr(said.exception)
        return json.loads(said.output)["margins"]

    assert ask("--dry-run") == {"barometer-q1": count - 1}
    assert not Observation.objects.exclude(margin_kind="").exists()
    assert ask() == {"barometer-q1": count - 1}
    assert ask() == {}
    assert Observation.objects.filter(superseded_by=None, withdrawn_at=None).count() == count
    assert Observation.objects.filter(margin_kind="").get() == changed


def test_what_is_hidden_by_now_stands_no_more(editor, organisation, tmp_path):
    rows = [row | {"q1": 2 if row["economy"] == 2 and row["q1"] == 3 else row["q1"]}
            for row in make_rows()]  # fmt: skip
    survey, edition = bring(editor, organisation, tmp_path, rows=rows)
    keep(survey, edition, editor, "economy")
    before = Observation.objects.standing().count()
    _survey, edition = bring(editor, organisation, tmp_path)

    _series, table = keep(survey, edition, editor, "economy")

    shown = [cell for cell in table.cells if cell.estimate is not None]
    assert Observation.objects.standing().count() == len(shown) < before


def test_series_for_more_people_than_the_survey_takes_nothing_of_it(editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)
    keep(survey, edition, editor)
    count = Observation.objects.count()
    type(survey)._base_manager.filter(pk=survey.pk).update(marking="AMBER")
    survey = selectors.get_survey(editor, survey.reference)

    with pytest.raises(BadInput, match="TLP:CLEAR, the survey TLP:AMBER"):
        keep(survey, edition, editor, "economy")

    assert Observation.objects.count() == count


def test_questions_whose_codes_look_alike_are_series_of_their_own(editor, organisation, tmp_path):
    rows = [row | {"q1.a": row["q1"], "q1a": row["q1"]} for row in make_rows()]
    questions = [DESIGN["questions"][0] | {"code": code} for code in ("q1.a", "q1a")]
    survey, edition = bring(
        editor, organisation, tmp_path, rows=rows, design=change(questions=questions)
    )

    keys = [keep(survey, edition, editor, code=code)[0].key for code in ("q1.a", "q1a", "q1.a")]

    assert keys == ["barometer-q1a", "barometer-q1a--2", "barometer-q1a"]
