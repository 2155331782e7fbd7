"""Marked paragraphs: one text, several versions, and what is above the reader is not there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focal.kernel.errors import BadInput, Refused
from focal.records import portions, services
from focal.records.content import clean_html, read_content
from focal.records.finding.export import Limits, export_records
from focal.records.finding.pages import read_page
from focal.records.models import Portion, Record, Version
from focal.records.selectors import load_search_documents
from focal.sharing.viewer import ANONYMOUS
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_record, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TEXT = (
    "<h2>Open</h2><p>For all.</p>"
    '<p data-marking="GREEN">For members.</p>'
    '<ul data-marking="AMBER"><li><p>For the agency.</p></li></ul>'
    "<p>The end.</p>"
)


@pytest.fixture
def owner():
    return OrganisationFactory(name="Owner")


@pytest.fixture
def editor(owner):
    return make_viewer(PersonFactory(full_name="Ana"), organisation=owner)


@pytest.fixture
def agency():
    return OrganisationFactory(name="Agency")


def write(owner, editor, body=TEXT, **more):
    return make_record(marking="CLEAR", by=editor, organisation=owner, body=body, **more)


def read(viewer, record):
    return read_page(viewer, record.reference, language="en").reading.body


def stored(record):
    return Record.objects.for_system("test").get(pk=record.pk).body


def edit(record, by, body):
    row = Record.objects.for_system("test").get(pk=record.pk)
    return services.edit_record(
        record=row, content={"body": body}, base_version=row.version, by=by, at=NOON
    )


def test_one_text_gives_its_clear_green_and_amber_versions(owner, editor, agency):
    record = write(owner, editor, releases=(f"org:{agency.pk}",))
    member, recipient = make_viewer(PersonFactory()), make_viewer(organisation=agency)

    assert read(ANONYMOUS, record) == "<h2>Open</h2><p>For all.</p><p>The end.</p>"
    assert "For members." in read(member, record)
    assert "For the agency." not in read(member, record)
    assert "TLP:GREEN" in read(member, record)
    for viewer in (recipient, editor):
        text = read(viewer, record)
        assert text.index("For all.") < text.index("For members.") < text.index("For the agency.")
        assert text.index("For the agency.") < text.index("The end.")


def test_what_is_stored_as_text_is_what_everybody_reads(owner, editor):
    """So that whoever reads `body` and knows nothing of portions passes none on."""
    record = write(owner, editor)

    assert stored(record) == "<h2>Open</h2><p>For all.</p><p>The end.</p>"
    assert read_content(record)["body"] == TEXT
    assert Version.objects.get().content["body"] == TEXT


def test_index_and_exports_hold_what_the_whole_audience_reads(owner, editor):
    record = write(owner, editor)

    (document,) = load_search_documents([record.reference])
    (exported,) = export_records(make_viewer(PersonFactory()), Limits())

    assert document.texts[0].body == "Open\nFor all.\nThe end."
    assert "For members." in exported["body"]
    assert "For the agency." not in exported["body"]


def test_a_paragraph_no_narrower_than_its_record_belongs_to_the_text(owner, editor):
    record = write(owner, editor)
    services.set_sharing(record=record, marking="AMBER", releases=(), by=editor, at=NOON)

    (document,) = load_search_documents([record.reference])

    assert "For the agency." in document.texts[0].body
    colleague = make_viewer(organisation=owner, role="member")
    assert "For the agency." in read(colleague, record)


def test_markings_inside_a_block_count_for_the_whole_block():
    html = clean_html('<blockquote><p>a</p><p data-marking="RED">b</p></blockquote><p>c</p>')

    assert portions.trim(html, {"AMBER"}) == "<p>c</p>"


@pytest.mark.parametrize("value", ["", "amber", "NONSENSE", 'RED" onclick="x'])
def test_only_markings_of_tlp_are_kept(value):
    assert "data-marking" not in clean_html(f"<p data-marking='{value}'>a</p>")


def test_who_does_not_read_all_of_it_changes_none_of_it(owner, editor):
    record = write(owner, editor, '<p>a</p><p data-marking="RED">b</p>')
    colleague = make_viewer(organisation=owner)

    with pytest.raises(Refused, match="marked for named people"):
        edit(record, colleague, "<p>mine</p>")
    with pytest.raises(Refused):
        services.save_translation(
            record=record, language="sq", title="T", summary="", body="", by=colleague, at=NOON
        )
    assert read_content(record)["body"] == '<p>a</p><p data-marking="RED">b</p>'


def test_nobody_shuts_themselves_out_of_their_own_paragraph(owner, editor):
    record = write(owner, editor, "<p>a</p>")
    colleague = make_viewer(organisation=owner)

    with pytest.raises(BadInput, match="would not see this paragraph yourself"):
        edit(record, colleague, '<p data-marking="RED">a</p>')


def test_an_earlier_version_with_a_paragraph_for_others_is_not_brought_back(owner, editor):
    record = write(owner, editor, '<p>a</p><p data-marking="RED">b</p>')
    edit(record, editor, "<p>a</p>")
    colleague = make_viewer(organisation=owner)
    row = Record.objects.for_system("test").get(pk=record.pk)

    with pytest.raises(Refused, match="marked for others"):
        services.restore_version(record=row, number=1, base_version=2, by=colleague, at=NOON)
    shown = portions.trim_content(colleague, row, Version.objects.get(number=1).content)
    assert shown["body"] == "<p>a</p>"


def test_the_other_text_keeps_its_paragraphs_when_one_is_changed(owner, editor):
    record = write(owner, editor)
    services.save_translation(
        record=record,
        language="sq",
        title="T",
        summary="",
        body='<p data-marking="GREEN">g</p><p>x</p>',
        by=editor,
        at=NOON,
    )

    edit(record, editor, "<p>all</p>")

    assert list(Portion.objects.values_list("language", "html")) == [
        ("sq", '<p data-marking="GREEN">g</p>')
    ]
    page = read_page(ANONYMOUS, record.reference, language="sq")
    assert page.reading.body == "<p>x</p>"


BLOCKS = st.lists(
    st.tuples(
        st.sampled_from(["<p>{}</p>", "<ul><li><p>{}</p></li></ul>", "<h2>{}<br>x</h2>", "<hr>"]),
        st.sampled_from(["", "GREEN", "AMBER", "RED"]),
    ),
    max_size=7,
)


def build(blocks):
    html = []
    for number, (shape, marking) in enumerate(blocks):
        block = shape.format(f"block{number}")
        if marking and shape != "<hr>":
            block = block.replace(">", f' data-marking="{marking}">', 1)
        html.append(block)
    return clean_html("".join(html))


@settings(max_examples=25, deadline=None)
@given(blocks=BLOCKS, allowed=st.sets(st.sampled_from(["GREEN", "AMBER", "RED"])))
def test_taking_apart_and_putting_together_gives_the_same_text(blocks, allowed):
    html = build(blocks)
    parts = portions.split_blocks(html)
    marked = [
        Portion(position=place, marking=block.marking, html=block.html)
        for place, block in enumerate(parts)
        if block.marking
    ]
    open_text = portions.trim(html, ())

    assert "".join(block.html for block in parts) == html
    assert portions.put_together(open_text, marked, {"GREEN", "AMBER", "RED"}) == html
    assert portions.put_together(open_text, marked, allowed) == portions.trim(html, allowed)
