"""Pages of surveys: microdata in, tables out, small cells protected, nothing for the wrong eyes."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from focal.audit.models import Entry
from focal.kernel.errors import BadInput, Refused
from focal.sharing.markings import Marking
from focal.surveys import microdata, services
from focal.surveys.comparability import find_hindrances
from focal.surveys.models import Question, Survey, SurveyEdition
from tests.factories import NOON, OrganisationFactory, make_viewer
from tests.surveys.making import DESIGN, SCALE, bring, change, find, make_rows, write_csv

pytestmark = pytest.mark.django_db
LATER = {**DESIGN["edition"], "name": "2025", "fieldwork_start": "2025-02-01",
         "fieldwork_end": "2025-03-01"}  # fmt: skip


def test_question_page_shows_picture_table_and_wording(client, editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)

    response = client.get(f"/surveys/{survey.reference}/{edition.reference}/q1/?by=economy")

    chart = response.context["chart"]
    assert [row[0] for row in chart.table.rows] == ["AL", "XK*"]  # no vocabulary is loaded
    assert chart.table.rows[1][3] == "·"
    assert "few people stand behind it" in chart.table.note
    text = response.content.decode()
    assert "<svg" in text
    assert "Sa i kënaqur jeni?" in text
    assert "the most favourable answer stands first" in text


def test_table_to_take_along_holds_nothing_that_is_hidden(client, editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)

    response = client.get(f"/surveys/{survey.reference}/{edition.reference}/q1.csv?by=economy")

    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    hidden = [row for row in rows if row["hidden"]]
    assert len(hidden) == 4
    assert {(row["estimate"], row["standard_error"], row["low"]) for row in hidden} == {
        ("", "", "")
    }


def test_pictures_to_take_along(client, editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)
    address = f"/surveys/{survey.reference}/{edition.reference}/q1"

    svg, png = client.get(f"{address}.svg"), client.get(f"{address}.png?by=sex")

    assert b"How satisfied are you with security?" in svg.content
    assert png.content[:8] == b"\x89PNG\r\n\x1a\n"
    live = client.get(f"{address}.json?by=economy").json()["spec"]["data"]["values"]
    assert [row["value"] for row in live if row["text"] == "not shown"] == [None] * 4


def test_a_restricted_survey_is_not_there_for_others(client, editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path, marking=Marking.GREEN)
    address = f"/surveys/{survey.reference}/"

    answers = [
        client.get(address).status_code,
        client.get(f"{address}{edition.reference}/q1/").status_code,
        client.get(f"{address}{edition.reference}/q1.csv").status_code,
    ]

    assert answers == [404, 404, 404]
    assert client.get("/surveys/").context["rows"] == []


def test_questions_of_another_survey_are_no_way_in(client, editor, organisation, tmp_path):
    _hidden, edition = bring(editor, organisation, tmp_path, marking=Marking.GREEN)
    other = change(survey={"key": "other", "title": "Other"})
    shown, _edition = bring(editor, organisation, tmp_path, design=other)

    response = client.get(f"/surveys/{shown.reference}/{edition.reference}/q1/")

    assert response.status_code == 404


def test_nothing_but_the_named_columns_is_kept(editor, organisation, tmp_path):
    _survey, edition = bring(editor, organisation, tmp_path)

    import polars as pl

    kept = pl.read_parquet(microdata.get_folder() / f"{edition.digest}.parquet")

    assert "name" not in kept.columns


def test_bringing_through_the_page(client, editor, organisation, tmp_path):
    from focal.directory.models import Person

    client.force_login(
        Person.objects.get(pk=editor.person_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    answers = write_csv(tmp_path / "a.csv", make_rows()).read_bytes()

    def post(**more):
        return client.post(
            "/surveys/bring/",
            {
                "answers": SimpleUploadedFile("answers.csv", answers),
                "design": SimpleUploadedFile("d.json", json.dumps(DESIGN).encode()),
                "organisation": organisation.reference,
                "marking": "CLEAR",
                **more,
            },
        )

    checked = post(only_check="on")
    assert (checked.status_code, SurveyEdition.objects.count()) == (200, 0)
    brought = post()
    assert brought.status_code == 302
    assert SurveyEdition.objects.get().interviews == 400
    assert Entry.objects.filter(action="survey.edition_imported").count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weight": "wieght"}, "There is no column 'wieght'"),
        ({"questions": []}, "The design has no questions."),
        ({"surprise": 1}, "'surprise' is not known here"),
        ({"lonely": "guess"}, "'guess' is not one of"),
        (
            {"questions": [{**DESIGN["questions"][1], "missing": ["none"]}]},
            "'age: missing' should hold numbers",
        ),
        ({"questions": [{**DESIGN["questions"][1], "text": ["?"]}]}, "'text' must be a text"),
        (
            {"questions": [{**DESIGN["questions"][0], "scale": SCALE[:2]}]},
            "codes that the design does not name: 3",
        ),
        ({"questions": [DESIGN["questions"][0]] * 2}, "The question 'q1' stands there twice."),
        (
            {"edition": {**DESIGN["edition"], "fieldwork_end": "2020-01-01"}},
            "ends before it begins",
        ),
        ({"groups": "economy"}, "group 1 must be an object"),
    ],
)
def test_a_design_that_does_not_fit_is_refused_with_a_sentence(
    editor, organisation, tmp_path, changes, said
):
    path = write_csv(tmp_path / "a.csv", make_rows())

    try:
        brought = services.import_edition(
            path=path, design=change(**changes), owner_organisation=organisation, by=editor, at=NOON
        )
        told = [remark.text for remark in brought.remarks if remark.is_error]
    except BadInput as error:
        told = [str(error)]

    assert any(said in text for text in told), told
    assert not Survey.objects.visible_to(editor).exists()


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("weight", "-1", "weights in 'weight' are negative"),
        ("weight", "", "have no weight"),
        ("weight", "=1+1", "are not numbers"),
        ("age", "old", "should hold numbers"),
    ],
)
def test_bad_cells_are_named(editor, organisation, tmp_path, column, value, said):
    rows = make_rows()
    rows[7][column] = value

    brought = services.import_edition(
        path=write_csv(tmp_path / "a.csv", rows),
        design=DESIGN,
        owner_organisation=organisation,
        by=editor,
        at=NOON,
    )

    assert any(said in remark.text for remark in brought.remarks if remark.is_error)
    assert not Survey.objects.visible_to(editor).exists()


def test_strata_without_weight_are_refused(editor, organisation, tmp_path):
    rows = [row | ({"weight": 0} if row["region"] == "10" else {}) for row in make_rows()]

    brought = services.look_at(path=write_csv(tmp_path / "a.csv", rows), design=DESIGN)

    assert "1 strata have no weight at all" in brought.remarks[0].text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xls", b"x", "none of the formats"),
        ("a.sav", b"no survey", "cannot be read as what its name says"),
        ("a.dta", b"", "cannot be read as what its name says"),
        ("a.csv", b"\x00\x01\x02", "no table of text"),
        ("a.csv", b"a,a\n1,2\n", "Two columns have the same name"),
        ("a.csv", b"a,b\n", "no rows"),
    ],
)
def test_files_that_are_no_survey_are_refused(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(BadInput, match=said):
        microdata.read_file(path)


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(2 << 30)

    with pytest.raises(BadInput, match="at most 512 MB"):
        microdata.read_file(path)


@pytest.mark.parametrize("ending", [".sav", ".dta"])
def test_packages_of_statistics_are_read(tmp_path, ending):
    import polars as pl
    import pyreadstat

    path = tmp_path / f"a{ending}"
    write = pyreadstat.write_sav if ending == ".sav" else pyreadstat.write_dta
    write(pl.DataFrame({"q1": [1.0, 2.0], "w": [0.5, 1.5]}), str(path))

    assert microdata.read_file(path).frame.to_dicts() == [
        {"q1": 1.0, "w": 0.5},
        {"q1": 2.0, "w": 1.5},
    ]


def test_semicolons_decimal_commas_and_old_encodings(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("šifra;w\n1;0,5\n2;1,5\n".encode("cp1250"))

    assert microdata.read_file(path).frame.to_dicts() == [
        {"šifra": 1, "w": 0.5},
        {"šifra": 2, "w": 1.5},
    ]


def test_the_same_edition_again_replaces_it(editor, organisation, tmp_path):
    _survey, first = bring(editor, organisation, tmp_path)

    _survey, second = bring(editor, organisation, tmp_path, rows=make_rows(seed=3))

    assert (first.pk, SurveyEdition.objects.count()) == (second.pk, 1)
    assert first.digest != second.digest


def test_a_turned_scale_forbids_the_comparison(client, editor, organisation, tmp_path):
    survey, first = bring(editor, organisation, tmp_path)
    turned = {**DESIGN["questions"][0], "direction": "worst_first"}
    design = change(edition=LATER, questions=[turned, DESIGN["questions"][1]])
    _survey, second = bring(editor, organisation, tmp_path, design=design)

    response = client.get(f"/surveys/{survey.reference}/{second.reference}/q1/")

    assert response.context["comparison"].is_forbidden
    assert response.context["comparison"].changes == ()
    assert "The two cannot be compared." in response.content.decode()
    assert first.pk != second.pk


def test_same_codes_from_the_other_end_forbid_it_too(editor, organisation, tmp_path):
    _survey, first = bring(editor, organisation, tmp_path)
    labels = [item["label"] for item in DESIGN["questions"][0]["scale"]]
    turned = [{"value": n + 1, "label": label} for n, label in enumerate(labels[::-1])]
    design = change(edition=LATER, questions=[{**DESIGN["questions"][0], "scale": turned}])
    _survey, second = bring(editor, organisation, tmp_path, design=design)

    assert [one.what for one in find_hindrances(find(first), find(second)) if one.forbids] == [
        "direction"
    ]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        # only the ends have names, as on scales of ten steps
        ({0: "Not at all", 10: "Fully"}, {0: "Fully", 10: "Not at all"}),
        (dict(enumerate("abcdefghijk")), dict(enumerate("kjihgfedcba"))),
        ({0: "Yes", 1: "No", 2: "Both"}, {0: "Yes", 1: "Both", 2: "No"}),
    ],
)
def test_answer_under_another_code_forbids_it(before, now):
    one, two = (
        Question(
            texts={"en": "How much?"},
            scale=[{"value": str(n), "labels": {"en": labels.get(n, "")}} for n in range(11)],
            edition=SurveyEdition(design={}),
        )
        for labels in (before, now)
    )

    assert [found.what for found in find_hindrances(one, two) if found.forbids] == ["direction"]
    assert not [found for found in find_hindrances(one, one) if found.forbids]


def test_change_is_drawn_with_what_differs_and_chance_is_no_change(
    client, editor, organisation, tmp_path
):
    survey, _first = bring(editor, organisation, tmp_path)
    edition = {**LATER, "mode": "by telephone"}
    _survey, second = bring(
        editor, organisation, tmp_path, rows=make_rows(seed=2), design=change(edition=edition)
    )

    response = client.get(f"/surveys/{survey.reference}/{second.reference}/q1/")

    chart, comparison = response.context["change_chart"], response.context["comparison"]
    assert "People were asked in another way: “by telephone” and “face to face”." in chart.notes
    steady = [c.answer for c in comparison.changes if not c.is_beyond_chance]
    assert steady
    assert all(answer in chart.summary.partition("No clear change: ")[2] for answer in steady)


def test_what_differs_is_said(editor, organisation, tmp_path):
    _survey, first = bring(editor, organisation, tmp_path)
    reworded = {**DESIGN["questions"][0], "text": {"en": "How safe do you feel?"}}
    edition = {**LATER, "mode": "by telephone", "fieldwork_start": "2024-11-01"}
    design = change(edition=edition, questions=[reworded, DESIGN["questions"][1]])
    _survey, second = bring(editor, organisation, tmp_path, design=design)

    found = find_hindrances(find(first), find(second))

    assert [(one.what, one.forbids) for one in found] == [
        ("wording", False),
        ("mode", False),
        ("season", False),
    ]


def test_a_scale_that_reads_the_wrong_way_round_is_remarked(tmp_path):
    question = {**DESIGN["questions"][0], "direction": "worst_first"}
    path = write_csv(tmp_path / "a.csv", make_rows())

    brought = services.look_at(
        path=path, design=change(questions=[question, DESIGN["questions"][1]])
    )

    assert "may be turned round" in brought.remarks[0].text


def test_only_the_owner_s_people_bring_and_remove(editor, organisation, tmp_path):
    _survey, edition = bring(editor, organisation, tmp_path)
    stranger = make_viewer(organisation=OrganisationFactory())

    with pytest.raises(Refused):
        services.remove_edition(edition=edition, by=stranger, at=NOON)

    assert SurveyEdition.objects.filter(pk=edition.pk).exists()


def test_a_removed_edition_takes_its_answers_along(
    editor, organisation, tmp_path, django_capture_on_commit_callbacks
):
    _survey, edition = bring(editor, organisation, tmp_path)
    kept = microdata.get_folder() / f"{edition.digest}.parquet"
    assert kept.exists()

    with django_capture_on_commit_callbacks(execute=True):
        services.remove_edition(edition=edition, by=editor, at=NOON)

    assert not kept.exists()


def test_command_line_estimates(editor, organisation, tmp_path):
    from click.testing import CliRunner

    from focal.surveys.cli import survey as program

    bring(editor, organisation, tmp_path)

    said = CliRunner().invoke(
        program, ["estimate", "barometer", "--question", "q1", "--by", "economy", "--json"]
    )

    assert said.exception is None, repr(said.exception)
    told = json.loads(said.output)
    first = told["estimates"][0]
    assert list(first) == [
        "group", "answer", "estimate", "standard_error", "interval", "n", "suppressed",
    ]  # fmt: skip
    assert first["group"] == {"economy": "1"}
    assert [e["suppressed"] for e in told["estimates"]].count("few") == 4


def test_command_line_says_what_does_not_fit(db, tmp_path):
    from click.testing import CliRunner

    from focal.surveys.cli import survey as program

    OrganisationFactory(is_secretariat=True)
    answers = write_csv(tmp_path / "a.csv", make_rows())
    design = tmp_path / "d.json"
    design.write_text(json.dumps(change(weight="none")))

    said = CliRunner().invoke(program, ["import", str(answers), "--design", str(design), "--json"])

    assert said.exit_code == 2
    assert json.loads(said.output)["errors"] == ["There is no column 'none' in the file."]


def test_survey_page_leads_to_its_questions(client, editor, organisation, tmp_path):
    survey, edition = bring(editor, organisation, tmp_path)

    response = client.get(f"/surveys/{survey.reference}/?q=satisfied")

    address = f"/surveys/{survey.reference}/{edition.reference}/q1/"
    assert [row["question"].code for row in response.context["questions"]] == ["q1"]
    assert address in response.content.decode()
    assert client.get(address).status_code == 200
