"""Figures in from files and out to files: nothing lost, nothing made up, bad files explained."""

import io
import json
import os

import pytest
import sdmx
import sdmx.reader.csv
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from sdmx.model import v30

from focal.directory.models import Organisation, Person
from focal.indicators import selectors, services
from focal.indicators.cli import export_series_command, import_series_command
from focal.indicators.exchange import importing
from focal.indicators.exchange.exporting import ATTRIBUTES, DIMENSIONS, export
from focal.indicators.exchange.importing import import_series
from focal.indicators.models import Observation, Series
from focal.indicators.views import bringing
from focal.kernel.errors import BadInput
from tests.factories import NOON, OrganisationFactory, make_viewer
from tests.indicators.making import make_series

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FIGURES = [
    {"area": "AL", "value": "12.5", "as_of": "2023", "source_title": "=EVIL()", "note": "a\nb"},
    {"area": "AL", "value": "14", "as_of": "2024", "source_title": "Office", "qualifier": "about",
     "margin_low": "12.9", "margin_high": "15.3", "margin_level": "95"},
    {"area": "XK", "value": "300", "upper": "350", "period_start": "2012", "period_end": "2016",
     "source_title": "Office", "sex": "F", "age": "18+", "status": "provisional"},
    {"area": "XK", "value": "310", "period_end": "2016", "source_title": "Other", "sex": "F",
     "age": "18+"},
]  # fmt: skip


@pytest.fixture
def bring(editor, tmp_path):
    """Brings a file of that content in; gives the report."""
    owner = Organisation.objects.get(pk=min(editor.writes_for))

    def bring(content, name="file.csv", **more):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_series(path=path, **{"owner": owner, "by": editor, "at": NOON, **more})

    return bring


def say_margin(row):
    if not row.margin_kind:
        return ()
    numbers = (row.margin_low, row.margin_high, row.margin_level)
    return (row.margin_kind, *("" if n is None else f"{n.normalize():f}" for n in numbers))


def say(viewer=None):
    return sorted(
        (row.area, row.sex, row.age, row.qualifier, str(row.value.normalize()), row.as_of,
         row.period_start, row.period_end, row.source_title, row.note, *say_margin(row))
        for row in Observation.objects.standing()
    )  # fmt: skip


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "sdmx-csv", "sdmx-ml"])
def test_what_goes_out_comes_back_as_it_was(editor, bring, file_format):
    series = make_series(editor, observations=FIGURES, unit="number")
    before = say()
    figures = [(series, selectors.list_figures(series, "en"))]
    content = export(figures, file_format, language="en", at=NOON)
    references = set(Observation.objects.values_list("reference", flat=True))

    report = bring(content, f"file.{file_format}")

    assert [(o.key, o.is_new, o.added, o.changed, o.problems) for o in report.series] == [
        ("people-who-left", False, 0, 0, [])
    ]
    assert say() == before
    assert set(Observation.objects.values_list("reference", flat=True)) == references


def test_sdmx_libraries_read_our_sdmx(editor):
    series = make_series(editor, observations=FIGURES, unit="number")
    figures = [(series, selectors.list_figures(series, "en"))]

    message = sdmx.read_sdmx(
        io.BytesIO(export(figures, "sdmx-ml", language="en", at=NOON)), format="XML"
    )

    values = sdmx.to_pandas(message.data[0])
    assert sorted(values.astype(float)) == [12.5, 14.0, 300.0, 310.0]
    assert set(values.index.names) >= {"INDICATOR", "REF_AREA", "SEX", "AGE", "TIME_PERIOD"}


def test_sdmx_libraries_read_our_sdmx_csv(editor):
    """sdmx1 reads SDMX-CSV 2.0 with the structure at hand, as whoever exchanges data has it."""
    series = make_series(editor, observations=FIGURES, unit="number")
    content = export(
        [(series, selectors.list_figures(series, "en"))], "sdmx-csv", language="en", at=NOON
    )
    structure = v30.DataStructureDefinition(id="FIGURES")
    for name in (*DIMENSIONS, "TIME_PERIOD"):
        structure.dimensions.append(v30.Dimension(id=name))
    for name in ATTRIBUTES:
        structure.attributes.append(v30.DataAttribute(id=name))
    structure.measures.append(v30.Measure(id="OBS_VALUE"))
    flow = v30.Dataflow(id="FIGURES", structure=structure)

    message = sdmx.reader.csv.Reader().convert(io.BytesIO(content), structure=flow)

    read = {
        (
            *(str(part.value) for part in row.dimension.values.values()),
            row.value,
            row.attached_attribute["QUALIFIER"].value,
        )
        for row in message.data[0].obs
    }
    key = "people-who-left"
    assert [data.action.name for data in message.data] == ["information"]
    assert read == {
        (key, "AL", "_T", "_T", "_T", "1", "2023", "12.5", "exact"),
        (key, "AL", "_T", "_T", "_T", "1", "2024", "14", "about"),
        (key, "XK", "F", "18+", "_T", "1", "2016", "300", "exact"),
        (key, "XK", "F", "18+", "_T", "2", "2016", "310", "exact"),
    }


def test_sdmx_csv_says_what_it_is_in_every_row(editor):
    series = make_series(editor, observations=FIGURES[:1], unit="number")
    content = export(
        [(series, selectors.list_figures(series, "en"))], "sdmx-csv", language="en", at=NOON
    ).decode()

    head, row = content.split("\n")[0].split(","), content.split("\n")[1].split(",")
    assert head[:5] == ["STRUCTURE", "STRUCTURE_ID", "ACTION", "INDICATOR", "REF_AREA"]
    assert row[:5] == ["dataflow", "FOCAL:FIGURES(1.0)", "I", "people-who-left", "AL"]


def test_small_counts_stay_protected_in_every_file(editor):
    margin = {"margin_low": 4709, "margin_high": 4713, "margin_level": "95.5"}
    series = make_series(
        editor,
        observations=[
            {"area": "AL", "value": 4711, "source_title": "x", "sex": sex, **margin}
            for sex in ("", "F")
        ],
    )
    series.marking = "CLEAR"
    from django.test import override_settings

    with override_settings(SMALL_COUNTS={"CLEAR": 5000}):
        figures = [(series, selectors.list_figures(series, "en"))]
        for file_format in ("csv", "sdmx-csv", "sdmx-ml"):
            content = export(figures, file_format, language="en", at=NOON)
            assert [n for n in (b"4711", b"4709", b"4713", b"95.5") if n in content] == []


WIDE = (
    '"Data Source","World Development Indicators",\n\n"Last Updated Date","2021-09-15",\n\n'
    '"Country Name","Country Code","Indicator Name","Indicator Code","2018","2019"\n'
    '"Afghanistan","AFG","Armed forces (% of labour force)","MS.MIL","5","6"\n'
    '"Albania","ALB","Armed forces (% of labour force)","MS.MIL","1.5",""\n'
    '"Kosovo","XKX","Armed forces (% of labour force)","MS.MIL","..","2.25"\n'
)


def test_world_bank_file_becomes_series_of_the_region(bring):
    report = bring(WIDE)

    assert say() == [
        (
            "AL",
            "",
            "",
            "exact",
            "1.5",
            "2018",
            "",
            "",
            "World Bank, World Development Indicators",
            "",
        ),
        (
            "XK",
            "",
            "",
            "exact",
            "2.25",
            "2019",
            "",
            "",
            "World Bank, World Development Indicators",
            "",
        ),
    ]
    series = Series._base_manager.get()
    assert (series.key, series.unit, series.licence) == ("ms-mil", "%", "CC BY 4.0")
    assert report.left_out == {"places outside the region": 1, "cells without a value": 2}


def test_dry_run_says_what_would_happen_and_changes_nothing(bring):
    report = bring(WIDE, dry_run=True)

    assert [(o.is_new, o.added, o.reference) for o in report.series] == [(True, 2, "")]
    assert not Series._base_manager.exists()


def test_file_twice_is_no_event_and_a_corrected_one_supersedes(editor, bring):
    from focal.records.services import take_step

    bring(WIDE)
    take_step(record=Series._base_manager.get(), step="publish", by=editor, at=NOON)
    again = bring(WIDE)
    corrected = bring(WIDE.replace('"1.5"', '"1.7"'))

    assert [(o.added, o.changed) for o in (*again.series, *corrected.series)] == [(0, 0), (0, 1)]
    old = Observation.objects.get(value="1.5")
    assert old.superseded_by.value == Observation.objects.get(value="1.7").value


def test_columns_are_named_by_a_mapping(bring, tmp_path):
    mapping = tmp_path / "killed.json"
    mapping.write_text(
        json.dumps(
            {
                "columns": {"area": "Land", "as_of": "Jahr", "value": "Zahl"},
                "fixed": {"source_title": "A register"},
                "series": {"title": "Deaths", "unit": "people", "counted": "Deaths"},
                "decimal": ",",
            }
        )
    )

    bring("Land;Jahr;Zahl\nMontenegro;2020;1.234,5\n", mapping=str(mapping))

    assert [row[0] + row[4] for row in say()] == ["ME1234.5"]


def test_numbers_are_read_as_spreadsheets_of_the_region_write_them(bring):
    head = "area;value;margin_low;margin_high;as_of;source_title\n"

    bring(head + "AL;1.234,5;1.200;1.300,25;2024;x\n")
    assert say()[0][4] == "1234.5"
    assert say()[0][-3:-1] == ("1200", "1300.25")

    report = bring(head + "AL;2,5;;;2023;x\nBA;2.5;;;2023;x\n")  # who can tell which is meant?
    assert [p["sentence"] for o in report.series for p in o.problems] == [
        "'2,5' is not a number that can be kept. Write it as 1234.5."
    ]


def test_former_name_is_understood_and_told(bring):
    report = bring('area,value,source_title\n"Macedonia, FYR",40,x\nTurkey,50,x\n')

    assert [row[0] for row in say()] == ["MK", "TR"]
    assert len(report.warnings) == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        (b"area,value\nAL,\xe9\n", "is not in UTF-8 (line 2)"),
        (b"PK\x03\x04nonsense", "cannot be opened as a workbook"),
        (b"\xd0\xcf\x11\xe0", "old Excel file"),
        ("<broken", "broken XML"),
        ("a,b\n1,2\n", "It is not clear what the columns mean: a, b."),
        ("area,value,area\nAL,1,AL\n", "The column 'area' is there twice"),
        ("one\n", "holds no table"),
    ],
)
def test_file_that_cannot_be_used_says_why(bring, content, sentence):
    with pytest.raises(BadInput) as refusal:
        bring(content)

    assert sentence in str(refusal.value)


def test_file_that_is_too_large_is_not_even_opened(bring, editor, tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 2 * 1024**3)
    owner = Organisation.objects.get(pk=min(editor.writes_for))

    with pytest.raises(BadInput, match="has 2048 MB; at most 100 MB"):
        import_series(path=path, owner=owner, by=editor, at=NOON)


def test_cells_that_cannot_be_used_are_named_by_row_and_column(bring):
    report = bring("area,value,source_title\nAL,101,x\nAL,101,x\nBA,=1+1,x\nQQ,5,x\n", dry_run=True)

    assert [(p["row"], p["column"]) for p in report.series[0].problems] == [
        (3, "area"),
        (4, "value"),
        (5, "area"),
    ]
    assert not Observation.objects.exists()


def test_attack_by_entities_reads_nothing(bring):
    evil = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<DataSet><Series><Obs TIME_PERIOD="2020" OBS_VALUE="&e;" REF_AREA="AL"/>'
        "</Series></DataSet>"
    )

    try:
        report = bring(evil, dry_run=True)
    except BadInput:
        return
    assert "root" not in json.dumps(report.as_dict())


def test_commands_speak_json_and_write_files(editor, tmp_path):
    office = Organisation.objects.get(pk=min(editor.writes_for))
    path = tmp_path / "wb.csv"
    path.write_text(WIDE)

    done = CliRunner().invoke(
        import_series_command,
        [str(path), "--organisation", office.name, "--publish", "--json"],
    )
    report = json.loads(done.output)
    out = tmp_path / "out.xml"
    written = CliRunner().invoke(
        export_series_command, ["ms-mil", "--format", "sdmx-ml", "--out", str(out)]
    )

    assert (done.exit_code, report["series"][0]["key"], report["dry_run"]) == (0, "ms-mil", False)
    assert (written.exit_code, out.read_bytes()[:5]) == (0, b"<?xml")


def sign_in(client, viewer):
    client.force_login(
        Person.objects.get(pk=viewer.person_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )


def test_file_is_brought_in_the_browser_and_looked_at_first(client, editor, monkeypatch):
    sign_in(client, editor)
    office = Organisation.objects.get(pk=min(editor.writes_for)).reference

    def post(content=WIDE, **more):
        given = {"file": SimpleUploadedFile("wb.csv", content.encode()), "organisation": office}
        return client.post("/figures/bring/", {**given, "marking": "GREEN", **more})

    checked = post(only_check="on")
    assert checked.context["report"].series[0].added == 2
    assert "Nothing was written." in checked.content.decode()
    assert not Series._base_manager.exists()

    monkeypatch.setattr(bringing, "MOST_FIGURES", 1)
    assert "These are 2 figures, and at most 1 can be" in post().content.decode()
    monkeypatch.undo()
    post()
    series = Series._base_manager.get()
    assert (series.marking, series.state, Observation.objects.count()) == ("GREEN", "draft", 2)

    mapping = SimpleUploadedFile("m.json", b'{"columns": {"area": "Place", "value": "Number"}}')
    refused = post("Place,Number\nAlbania,many\n", mapping=mapping)
    assert refused.status_code == 422
    assert "Row 2: &#x27;many&#x27; is not a number that can be kept." in refused.content.decode()
    assert post(marking="").status_code == 422
    assert post(organisation=OrganisationFactory().reference).status_code == 422
    assert post(organisation="x").status_code == 422
    assert Series._base_manager.count() == 1


def test_file_that_was_looked_at_is_not_chosen_again(client, editor):
    organisation = Organisation.objects.get(pk=min(editor.writes_for))
    given = {"organisation": organisation.reference, "marking": "GREEN"}
    mapping = b'{"columns": {"area": "Place", "value": "Number"}, "fixed": {"source_title": "x"}}'

    def post(**more):
        return client.post("/figures/bring/", given | more)

    sign_in(client, editor)
    looked_at = post(
        file=SimpleUploadedFile("fines.csv", b"Place,Number\nAlbania,3\n"),
        mapping=SimpleUploadedFile("m.json", mapping),
        only_check="on",
    ).context["form"]
    kept = {name: looked_at[name].value() for name in ("kept_file", "kept_mapping")}
    assert not looked_at["only_check"].value()
    assert "fines.csv" in looked_at["file"].help_text

    sign_in(client, make_viewer(organisation=organisation, role="editor"))
    assert "file" in post(**kept).context["form"].errors  # another's
    sign_in(client, editor)
    assert "file" in post(kept_file=kept["kept_file"] + "x").context["form"].errors
    assert post(**kept).context["report"].series[0].reference
    assert [(row.area, row.value) for row in Observation.objects.all()] == [("AL", 3)]


def test_readers_bring_no_figures(client, editor):
    sign_in(client, make_viewer(organisation=OrganisationFactory(), role="member"))

    assert client.get("/figures/bring/").status_code == 403


@pytest.mark.shared_data
@pytest.mark.slow
def test_given_files_of_the_world_bank(editor, shared_data):
    owner = Organisation.objects.get(pk=min(editor.writes_for))

    report = import_series(
        path=shared_data / "indicators" / "worldbank" / "social-development.csv",
        owner=owner,
        by=editor,
        at=NOON,
        only=("fertility", "refugee"),
    )

    assert not report.has_problems
    assert sum(outcome.added for outcome in report.series) > 1000
    assert set(Observation.objects.values_list("area", flat=True)) >= {"AL", "MK", "TR"}


@pytest.mark.parametrize(
    ("link", "name", "beginning"),
    [
        ("CSV", "data.csv", b"\xef\xbb\xbfseries"),
        ("XLSX", "data.xlsx", b"PK"),
        ("SDMX-CSV", "data.sdmx.csv", b"STRUCTURE,STRUCTURE_ID,ACTION"),
        ("SDMX-ML", "data.sdmx.xml", b"<?xml"),
    ],
)
def test_page_of_a_series_leads_to_every_format(client, editor, link, name, beginning):
    series = make_series(editor)

    page = client.get(f"/figures/{series.reference}/").content.decode()
    address = f"/figures/{series.reference}/{name}"
    answer = client.get(address)

    assert f'<a href="{address}">{link}</a>' in page
    assert answer.content[: len(beginning)] == beginning
    assert answer["Content-Disposition"].startswith('attachment; filename="focal-people-who-left.')


def test_unit_and_marking_of_our_own_files_come_along(editor, bring):
    """A count of persons that came in as a bare number would be protected no more."""
    series = make_series(editor, marking="AMBER")
    content = export(
        [(series, selectors.list_figures(series, "en"))], "csv", language="en", at=NOON
    ).replace(b"people-who-left", b"who-left-as-well")

    bring(content)

    brought = Series._base_manager.get(key="who-left-as-well")
    assert (brought.unit, brought.marking) == ("people", "AMBER")


def test_codes_of_sdmx_for_units_are_understood_and_another_unit_is_told_of(editor, bring):
    make_series(editor, observations=FIGURES)
    head = "DATAFLOW,INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n"

    report = bring(f"{head}X:Y,REFUGEES,AL,2020,3,PS\nX:Y,PEOPLE-WHO-LEFT,AL,2020,3,PT\n")

    assert Series._base_manager.get(key="refugees").unit == "people"
    assert report.series[1].warnings == ["The file says '%', the series 'people'."]


def test_rows_are_counted_as_a_spreadsheet_counts_them(bring):
    report = bring("area,value,source_title\n\nAL,12,Office\n\n,,\nXK,many,Office\n", dry_run=True)

    assert [problem["row"] for problem in report.series[0].problems] == [6]


def test_who_may_not_write_is_told_before_anything_is_written(editor, bring):
    make_series(editor, key="figures")
    stranger = make_viewer(organisation=OrganisationFactory())

    report = bring("area,value,source_title\nAL,12,Office\n", by=stranger, dry_run=True)

    assert [problem["sentence"] for problem in report.series[0].problems] == [
        "Only the organisation that owns it can change it."
    ]


def test_what_somebody_saved_meanwhile_is_not_undone(editor, bring, monkeypatch):
    make_series(editor, key="figures")
    merge = importing._merge

    def merge_slowly(series, figures):
        merged = merge(series, figures)
        services.set_observations(series=series, observations=FIGURES, by=editor, at=NOON)
        return merged

    monkeypatch.setattr(importing, "_merge", merge_slowly)
    report = bring("area,value,source_title\nAL,12,Office\n")

    assert "Somebody else saved these figures" in report.series[0].problems[0]["sentence"]


def test_columns_become_groups_and_the_name_of_the_file_says_the_year(bring, tmp_path):
    mapping = tmp_path / "aid.json"
    groups = {"151": "Government", "152": "Peace", "998": "Other"}
    mapping.write_text(
        json.dumps({"columns": {"area": ["Name", "#1"]}, "groups": groups, "year_in_name": True,
                    "fixed": {"source_title": "OECD"},
                    "series": {"title": "Aid", "unit": "dollars"}})
    )  # fmt: skip

    report = bring(",151,152\nAlbania,1.5,\nChad,3,4\n", "aid_2019.csv", mapping=str(mapping))

    row = Observation.objects.get()
    assert (row.area, row.group, row.as_of, str(row.value)) == (
        "AL",
        "Government",
        "2019",
        "1.5000",
    )
    assert (report.series[0].title, report.series[0].key) == ("Aid", "aid")
    with pytest.raises(BadInput, match="The name of the file should say of which year"):
        bring(",151,152\nAlbania,1.5,\n", "aid.csv", mapping=str(mapping))


def test_what_is_wrong_with_a_mapping_stands_beside_it(client, editor):
    sign_in(client, editor)
    office = Organisation.objects.get(pk=min(editor.writes_for)).reference

    def post(content, mapping=None, name="a.csv", **more):
        given = {"file": SimpleUploadedFile(name, content.encode()), "organisation": office}
        if mapping is not None:
            given["mapping"] = SimpleUploadedFile("м" * 220 + ".json", mapping.encode())
        given |= {"marking": "GREEN", "only_check": "on", **more}
        return client.post("/figures/bring/", given)

    assert post("Place,Number\nAlbania,3\n").context["form"].errors["mapping"] == [
        "It is not clear what the columns mean: Place, Number. Say it in a mapping."
    ]
    for mapping, said in (
        ("{", "cannot be read"),
        ('{"columns": {"area": "Where", "value": "Number"}}', "It has: Place, Number."),
        ('{"columns": {"area": "Place", "number": "Number"}}', "A figure has no field 'number'"),
        ('{"columns": {"area": "Place"}}', "which column holds the figures (value)"),
    ):
        answer = post("Place,Number\nAlbania,3\n", mapping, "ж" * 240 + ".csv")
        assert said in answer.context["form"].errors["mapping"][0]
    known = post("recipient_name,151\nAlbania,3\n", name="crs_2018.csv", known="oecd-crs-sectors")
    assert known.context["report"].series[0].added == 1


@pytest.mark.parametrize(
    "odd",
    [
        [], 3, None, "x",
        {"columns": {"area": [], "value": "Number"}}, {"columns": {"area": 3}}, {"columns": [1]},
        {"columns": {"area": {"a": 1}, "value": "Number"}},
        *(
            {"columns": {"area": "Place", "value": "Number"}, **more}
            for more in (
                {"fixed": [1]}, {"fixed": {"x": 1}}, {"fixed": {"as_of": {"a": 1}}},
                {"groups": [[1]]}, {"groups": 3}, {"groups": {"Number": [1]}},
                {"series": 3}, {"series": {"title": 3}}, {"series": {"unit": [1], "title": []}},
                {"unit_column": 3}, {"unit_column": [1]}, {"series_column": {}}, {"decimal": 3},
                {"values": 3}, {"values": [[1]]}, {"years": ["x"]},
            )
        ),
    ],
)  # fmt: skip
def test_a_mapping_of_another_shape_is_refused_or_read_and_breaks_nothing(bring, tmp_path, odd):
    mapping = tmp_path / "odd.json"
    mapping.write_text(json.dumps(odd))

    try:
        report = bring("Place,Number\nAlbania,3\n", mapping=str(mapping), dry_run=True)
    except BadInput:
        return
    assert report.dry_run


@pytest.mark.shared_data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "mapping", "count"),
    [
        ("crs_2012_sectors.csv", "oecd-crs-sectors", 8),
        ("crs_2016_sectors.csv", "oecd-crs-sectors", 124),
        ("crs_2013.csv", "oecd-crs-donors", 137),
        ("crs_2019.csv", "oecd-crs-donors", 154),
    ],
)
def test_given_matrices_of_the_oecd(editor, shared_data, name, mapping, count):
    owner = Organisation.objects.get(pk=min(editor.writes_for))
    path = shared_data / "indicators" / "oecd_crs" / name

    report = import_series(
        path=path, mapping=mapping, owner=owner, by=editor, at=NOON, dry_run=True
    )

    assert [(o.figures, o.problems) for o in report.series] == [(count, [])]
