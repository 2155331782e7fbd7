"""The life cycle on its pages: asked, done, or refused with the reason."""

import pytest

from focal.records.models import Record, State, Transition
from focal.records.services import STEPS
from tests.factories import OrganisationFactory
from tests.records.editing.tools import errors_of, path, record_of, reload

LEADS_TO = {
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
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_state(ana, organisation, state, step):
    record = record_of(ana, organisation, state=state)

    asked = ana.get(path(record, "step", step))
    done = ana.post(path(record, "step", step), {"reason": "Because."})

    if (state, step) in LEADS_TO:
        assert (asked.status_code, done.status_code) == (200, 302)
        assert reload(record).state == LEADS_TO[state, step]
    else:
        assert (asked.status_code, done.status_code) == (403, 403)
        assert str(State(state).label) in done.content.decode()
        assert reload(record).state == state


def test_asking_changes_nothing(ana, organisation):
    record = record_of(ana, organisation, state="draft")

    ana.get(path(record, "step/publish"))

    assert reload(record).state == "draft"


def test_publishing_says_first_who_will_read_it(ana, organisation):
    record = record_of(ana, organisation, state="draft", marking="AMBER", releases=("economy:XK",))

    page = ana.get(path(record, "step/publish")).content.decode()

    assert "Only those it is released to may read it" in page
    assert "<li>XK*</li>" in page


def test_withdrawing_without_a_reason_is_an_error_beside_the_field(ana, organisation):
    record = record_of(ana, organisation)

    response = ana.post(path(record, "step/withdraw"), {"reason": "  "})

    assert response.status_code == 422
    assert errors_of(response) == {"reason": ["Say why it is withdrawn."]}
    assert reload(record).state == "published"


def test_the_reason_stands_in_the_history(ana, organisation):
    record = record_of(ana, organisation)
    ana.post(path(record, "step/withdraw"), {"reason": "A figure was wrong."})

    assert Transition.objects.order_by("pk").last().reason == "A figure was wrong."
    assert "A figure was wrong." in ana.get(path(record, "history")).content.decode()


def test_a_contributor_sees_the_closed_door_and_why(sign_in, organisation):
    contributor = sign_in("Cvetko", role="contributor")
    record = record_of(contributor, organisation, state="draft")

    response = contributor.get(path(record, "preview"))

    steps = {step.key: (step.allowed, step.reason) for step in response.context["steps"]}
    reason = "Contributors cannot publish. Send it to review: an editor or the secretariat will."
    assert steps == {
        "submit": (True, ""),
        "publish": (False, reason),
        "delete": (True, ""),
    }
    assert reason in response.content.decode()
    assert contributor.post(path(record, "step/publish")).status_code == 403
    assert reload(record).state == "draft"


def test_the_secretariat_publishes_what_is_in_review_and_keeps_its_page(sign_in, ana, organisation):
    secretary = sign_in("Sava", place=OrganisationFactory(is_secretariat=True))
    record = record_of(ana, organisation, state="in_review")

    response = secretary.post(path(record, "step/publish"))

    assert response.url == path(record, "preview")
    assert reload(record).state == "published"


def test_whoever_sends_away_what_they_then_no_longer_see_comes_to_their_desk(
    sign_in, ana, organisation
):
    secretary = sign_in("Sava", place=OrganisationFactory(is_secretariat=True))
    record = record_of(ana, organisation, state="in_review")

    assert secretary.post(path(record, "step/return"), {"reason": ""}).url == "/desk/"
    assert reload(record).state == "draft"


def test_delete_asks_first_and_deletes_drafts_alone(ana, organisation):
    draft = record_of(ana, organisation, state="draft")
    out = record_of(ana, organisation)

    assert ana.get(path(draft, "delete")).status_code == 200
    assert ana.post(path(out, "delete")).status_code == 403
    assert ana.post(path(draft, "delete")).url == "/desk/"
    assert list(Record._base_manager.values_list("pk", flat=True)) == [out.pk]


def test_unknown_steps_are_not_found(ana, organisation):
    record = record_of(ana, organisation)

    assert ana.post(path(record, "step/explode")).status_code == 404


# The desk


def test_desk_shows_each_its_own(sign_in, ana, organisation):
    contributor = sign_in("Cvetko", role="contributor")
    member = sign_in("Mira", role="member")
    mine = record_of(contributor, organisation, state="draft", title="Cvetko's draft")
    waits = record_of(contributor, organisation, state="in_review", title="Waits")
    out = record_of(ana, organisation, state="published", title="Out")

    def titles(client, name):
        return [teaser.title for teaser in client.get("/desk/").context[name]]

    assert titles(contributor, "drafts") == [mine.title]
    assert titles(contributor, "in_review") == []
    assert titles(contributor, "waiting") == [waits.title]
    assert titles(ana, "in_review") == [waits.title]
    assert titles(ana, "others_drafts") == [mine.title]
    assert titles(ana, "published") == [out.title]
    assert titles(member, "drafts") == titles(member, "in_review") == []


def test_desk_of_a_stranger_is_empty_and_says_so(sign_in, ana, organisation):
    record_of(ana, organisation, state="draft", title="quietheron")
    stranger = sign_in("Stranger", place=OrganisationFactory())

    page = stranger.get("/desk/").content.decode()

    assert "quietheron" not in page
    assert "You have no drafts." in page
    assert "Nothing waits for you." in page


def test_desk_is_for_those_who_are_signed_in(client):
    assert client.get("/desk/").status_code == 403
