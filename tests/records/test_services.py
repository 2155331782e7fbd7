"""Changes of records: whole, logged, told to the outbox, or refused with a reason."""

import pytest

from focal.audit.models import Entry as LogEntry
from focal.audit.services import verify
from focal.directory.models import Membership
from focal.kernel.errors import BadInput, Refused
from focal.outbox.models import Entry
from focal.records import services
from focal.records.content import read_content
from focal.records.models import Record, RecordAudience, State, Translation, Version
from focal.records.selectors import get_record
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_record, make_viewer

pytestmark = pytest.mark.django_db
ROLES = Membership.Role


def audience_of(record):
    return set(RecordAudience.objects.filter(record_id=record.pk).values_list("token", flat=True))


def state_of(record):
    return Record._base_manager.get(pk=record.pk).state


def revoking():
    return set(Entry.objects.filter(consumer="words", revokes=True).values_list("key", flat=True))


def test_create_record_makes_a_draft_that_only_its_desk_sees():
    organisation = OrganisationFactory()
    editor = make_viewer(organisation=organisation)

    record = make_record(state="draft", by=editor, organisation=organisation, title="Quiet heron")

    assert record.state == State.DRAFT
    assert audience_of(record) == {f"person:{editor.person_id}", f"desk:{organisation.pk}"}
    assert get_record(ANONYMOUS, record.reference) is None
    assert get_record(editor, record.reference).title == "Quiet heron"
    assert [entry.action for entry in LogEntry.objects.all()] == ["record.created"]


def test_create_record_for_an_organisation_one_does_not_write_for_is_refused():
    reader = make_viewer(organisation=OrganisationFactory(), role=ROLES.MEMBER)

    with pytest.raises(Refused, match="Only contributors and editors"):
        make_record(by=reader, organisation=OrganisationFactory())
    assert not Record._base_manager.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("title", ["", "   ", "\x00\x01"])
def test_create_record_without_a_title_says_so(title):
    with pytest.raises(BadInput, match="title"):
        make_record(title=title)


def test_create_record_cleans_what_could_execute():
    record = make_record(
        title="A\r\ntitle\x00", body='<p onclick="x()">Text<script>alert(1)</script></p><iframe>'
    )

    assert record.title == "A title"
    assert record.body == "<p>Text</p>"


def test_edit_record_keeps_every_version_and_tells_what_changed():
    record = make_record(title="First")
    editor = make_viewer(organisation=record.owner_organisation)

    record = services.edit_record(
        record=record, content={"title": "Second"}, base_version=1, by=editor, at=NOON
    )

    assert record.version == 2
    versions = Version.objects.filter(record_id=record.pk).order_by("number")
    assert [version.content["title"] for version in versions] == ["First", "Second"]
    assert LogEntry.objects.order_by("number").last().detail == {"fields": ["title"]}


def test_edit_record_without_a_change_is_not_an_event():
    record = make_record(title="First")
    editor = make_viewer(organisation=record.owner_organisation)
    before = LogEntry.objects.count()

    services.edit_record(
        record=record, content={"title": "First"}, base_version=1, by=editor, at=NOON
    )

    assert LogEntry.objects.count() == before
    assert Version.objects.filter(record_id=record.pk).count() == 1


def test_edit_record_from_an_older_version_loses_nothing():
    record = make_record(title="First")
    editor = make_viewer(organisation=record.owner_organisation)
    services.edit_record(
        record=record, content={"title": "Second"}, base_version=1, by=editor, at=NOON
    )

    with pytest.raises(services.EditConflict):
        services.edit_record(
            record=record, content={"title": "Other"}, base_version=1, by=editor, at=NOON
        )
    assert Record._base_manager.get(pk=record.pk).title == "Second"


def test_edit_record_by_somebody_else_changes_nothing():
    record = make_record(title="First")
    stranger = make_viewer(organisation=OrganisationFactory())

    with pytest.raises(Refused, match="Only the organisation that owns it"):
        services.edit_record(
            record=record, content={"title": "Mine"}, base_version=1, by=stranger, at=NOON
        )
    assert Record._base_manager.get(pk=record.pk).title == "First"


def test_restore_version_adds_a_version_and_loses_none():
    record = make_record(title="First")
    editor = make_viewer(organisation=record.owner_organisation)
    services.edit_record(
        record=record, content={"title": "Second"}, base_version=1, by=editor, at=NOON
    )

    restored = services.restore_version(record=record, number=1, base_version=2, by=editor, at=NOON)

    assert (restored.title, restored.version) == ("First", 3)
    assert Version.objects.filter(record_id=record.pk).count() == 3


def test_content_that_was_read_can_be_written_back_unchanged():
    record = make_record(
        title="First", sources=[["A study", "https://example.org/a", "p. 3"]], authors="A. Author"
    )
    content = read_content(record)
    editor = make_viewer(organisation=record.owner_organisation)

    services.edit_record(record=record, content=content, base_version=1, by=editor, at=NOON)

    assert read_content(Record._base_manager.get(pk=record.pk).publication) == content


# The life cycle, every state against every step, for those who may do everything.
ALLOWED = {
    ("draft", "submit"): "in_review",
    ("draft", "publish"): "published",
    ("in_review", "return"): "draft",
    ("in_review", "publish"): "published",
    ("published", "archive"): "archived",
    ("published", "withdraw"): "withdrawn",
    ("archived", "publish"): "published",
    ("archived", "withdraw"): "withdrawn",
    ("withdrawn", "reopen"): "draft",
}


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("step", services.STEPS)
def test_take_step_from_every_state(state, step):
    record = make_record(state=state)
    editor = make_viewer(organisation=record.owner_organisation)

    try:
        services.take_step(record=record, step=step, by=editor, at=NOON, reason="Because.")
    except Refused:
        assert (state, step) not in ALLOWED
        assert state_of(record) == state
    else:
        assert state_of(record) == ALLOWED[state, step]


MAY_PUBLISH_A_DRAFT = {"editor"}
MAY_PUBLISH_IN_REVIEW = {"editor", "secretariat"}


@pytest.mark.parametrize("who", ["member", "contributor", "editor", "stranger", "secretariat"])
@pytest.mark.parametrize("state", ["draft", "in_review"])
def test_publish_by_each_role(who, state):
    record = make_record(state=state)
    secretariat = OrganisationFactory(is_secretariat=True)
    viewer = {
        "stranger": lambda: make_viewer(organisation=OrganisationFactory()),
        "secretariat": lambda: make_viewer(organisation=secretariat),
    }.get(who, lambda: make_viewer(organisation=record.owner_organisation, role=who))()
    allowed = MAY_PUBLISH_A_DRAFT if state == "draft" else MAY_PUBLISH_IN_REVIEW

    decision = services.may_take_step(viewer, record, "publish")

    assert decision.allowed == (who in allowed)
    assert decision.allowed or decision.reason


def test_withdraw_needs_a_reason():
    record = make_record()
    editor = make_viewer(organisation=record.owner_organisation)

    with pytest.raises(BadInput, match="why"):
        services.take_step(record=record, step="withdraw", by=editor, at=NOON)
    assert state_of(record) == "published"


def test_withdraw_takes_the_record_from_everybody_and_says_so_to_the_index():
    record = make_record()
    editor = make_viewer(organisation=record.owner_organisation)

    services.take_step(record=record, step="withdraw", by=editor, at=NOON, reason="Wrong.")

    assert get_record(ANONYMOUS, record.reference) is None
    assert get_record(editor, record.reference) is not None
    assert revoking() == {record.reference}


@pytest.mark.parametrize(
    ("before", "after"), [(Marking.GREEN, Marking.CLEAR), (Marking.AMBER, Marking.GREEN)]
)
def test_set_sharing_that_widens_revokes_nothing(before, after):
    record = make_record(marking=before)
    editor = make_viewer(organisation=record.owner_organisation)

    services.set_sharing(record=record, marking=after, releases=[], by=editor, at=NOON)

    assert revoking() == set()


def test_publishing_revokes_nothing():
    make_record(state="published")

    assert revoking() == set()


def test_set_sharing_that_narrows_takes_effect_at_once():
    record = make_record()
    editor = make_viewer(organisation=record.owner_organisation)

    services.set_sharing(record=record, marking=Marking.AMBER, releases=[], by=editor, at=NOON)

    assert get_record(ANONYMOUS, record.reference) is None
    assert revoking() == {record.reference}


def test_set_sharing_to_red_leaves_it_to_its_owner_and_the_named():
    record = make_record()
    owner = make_viewer(organisation=record.owner_organisation)
    named = PersonFactory()
    record.owner_person_id = None
    record.save()

    services.set_sharing(
        record=record,
        marking=Marking.RED,
        releases=[f"person:{named.pk}"],
        by=owner,
        at=NOON,
    )

    assert audience_of(record) == {f"person:{owner.person_id}", f"person:{named.pk}"}


def test_set_sharing_with_an_impossible_list_changes_nothing():
    record = make_record()
    editor = make_viewer(organisation=record.owner_organisation)

    with pytest.raises(Refused, match="people named one by one"):
        services.set_sharing(
            record=record, marking=Marking.RED, releases=["format:1"], by=editor, at=NOON
        )
    assert audience_of(record) == {"public"}


def save_translation(record, by, **changes):
    fields = {"language": "sq", "title": "Titull", "summary": "", "body": "", **changes}
    return services.save_translation(record=record, by=by, at=NOON, **fields)


def test_save_translation_remembers_which_version_it_translates():
    record = make_record()
    editor = make_viewer(organisation=record.owner_organisation)

    translation = save_translation(record, editor, origin="machine", needs_check=True)

    assert (translation.of_version, translation.version) == (1, 1)
    assert Translation.objects.get().needs_check


def test_save_translation_twice_from_the_same_start_is_a_conflict():
    record = make_record()
    editor = make_viewer(organisation=record.owner_organisation)
    save_translation(record, editor)

    with pytest.raises(services.EditConflict):
        save_translation(record, editor, title="Tjetër")
    assert Translation.objects.get().title == "Titull"


def test_delete_draft_leaves_its_trace_in_the_log_and_nothing_else():
    record = make_record(state="draft")
    editor = make_viewer(organisation=record.owner_organisation)

    services.delete_draft(record=record, by=editor, at=NOON)

    assert not Record._base_manager.exists()
    assert not RecordAudience.objects.exists()
    assert LogEntry.objects.order_by("number").last().action == "record.deleted"


def test_delete_draft_of_what_was_once_out_is_refused():
    record = make_record(state="withdrawn")
    editor = make_viewer(organisation=record.owner_organisation)
    record = services.take_step(record=record, step="reopen", by=editor, at=NOON)

    with pytest.raises(Refused, match="never published"):
        services.delete_draft(record=record, by=editor, at=NOON)


def test_every_deed_leaves_an_intact_log():
    record = make_record(state="withdrawn")

    verdict = verify()

    assert (verdict.intact, verdict.entries) == (True, 3)
    assert set(LogEntry.objects.values_list("target_key", flat=True)) == {record.reference}
