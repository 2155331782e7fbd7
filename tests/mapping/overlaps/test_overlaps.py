"""Overlaps as people meet them: found, shown to those who see both, judged, introduced."""

import json

import pytest
from click.testing import CliRunner
from django.utils import timezone

from focal.audit.models import Entry
from focal.kernel.errors import BadInput, Refused
from focal.mapping.models import OverlapPair, OverlapVerdict, PairKind
from focal.mapping.overlaps import services
from focal.mapping.overlaps.cli import overlaps
from focal.mapping.overlaps.showing import Wanted, get_pair, list_pairs
from focal.mapping.services import create_mapped
from focal.outbox.services import deliver_all
from focal.records.services import take_step
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TEXT = "Workshops for teachers in schools to see early signs of radicalisation among pupils"


@pytest.fixture(autouse=True)
def _vocabulary(db):
    load_vocabulary(NOON)


def make_owner(name):
    organisation = OrganisationFactory(name=name)
    person = PersonFactory(email=f"{name.lower()}@example.org", full_name=name)
    return organisation, person, make_viewer(person, organisation=organisation)


def make(owner, title, *, marking=Marking.CLEAR, summary=TEXT, **content):
    organisation, _person, viewer = owner
    return create_mapped(
        kind="initiative",
        content={
            "title": title, "summary": summary, "language": "en", "economies": ["AL"],
            "topics": ["teacher"], "target_groups": ["teachers"], "status": "running",
            "start_date": "2025-01-01", "end_date": "2027-12-31", **content,
        },
        owner_organisation=organisation,
        by=viewer,
        at=timezone.now(),
        marking=marking,
        publish=True,
    )  # fmt: skip


@pytest.fixture
def owners():
    return make_owner("Ministry"), make_owner("Agency")


@pytest.fixture
def pair(owners):
    """Two initiatives that come close, of two owners, for everybody to see."""
    first = make(owners[0], "Teachers and early signs")
    second = make(
        owners[1], "Early signs for teachers", start_date="2025-06-01", end_date="2026-12-31"
    )
    deliver_all("overlaps")
    return get_pair(ANONYMOUS, first.reference, second.reference)


def test_pair_is_found_when_the_second_comes_and_told_with_its_reasons(client, pair):
    response = client.get("/mapping/overlaps/")

    (cluster,) = response.context["clusters"]
    (one,) = cluster.pairs
    assert (one.kind, one.pair.pk) == (PairKind.OVERLAP, pair.pk)
    assert "Economies: Albania." in one.reasons
    assert "Target groups: teachers and school staff." in one.reasons


def test_changed_initiative_is_looked_at_again(pair):
    take_step(
        record=pair.first,
        step="withdraw",
        by=make_viewer(organisation=pair.first.owner_organisation),
        at=timezone.now(),
        reason="Wrong.",
    )

    deliver_all("overlaps")

    assert not OverlapPair.objects.exists()


def test_rebuild_finds_the_same_pairs_as_the_consumer(pair, in_step):
    in_step()
    before = list(OverlapPair.objects.values_list("first_id", "second_id", "kind", "score"))
    assert len(before) == 1

    services.rebuild()

    after = OverlapPair.objects.values_list("first_id", "second_id", "kind", "score")
    assert list(after) == before


def test_pair_is_shown_to_those_alone_who_see_both(client, owners):
    make(owners[0], "Teachers and early signs")
    hidden = make(owners[1], "A quiet project for teachers", marking=Marking.AMBER)
    deliver_all("overlaps")
    assert OverlapPair.objects.count() == 1

    shown = {
        name: [one.first.title for one in list_pairs(viewer, Wanted(), "en")]
        for name, viewer in (("all", ANONYMOUS), ("one", owners[0][2]), ("other", owners[1][2]))
    }

    assert shown == {"all": [], "one": [], "other": ["Teachers and early signs"]}
    assert client.get(f"/mapping/overlaps/of/{hidden.reference}/").status_code == 404


def test_verdict_goes_into_the_ledger_and_decides_what_is_shown(pair, owners):
    viewer = owners[0][2]
    services.give_verdict(
        pair=pair, verdict="phase", reason="We go on with it.", by=viewer, at=timezone.now()
    )
    (one,) = list_pairs(viewer, Wanted(), "en")
    assert (one.kind, one.sure) == (PairKind.PHASE, 1.0)

    services.give_verdict(
        pair=pair, verdict="not", reason="Other schools.", by=viewer, at=timezone.now()
    )

    assert list_pairs(viewer, Wanted(), "en") == []
    assert [row.reason for row in OverlapVerdict.objects.order_by("pk")] == [
        "We go on with it.",
        "Other schools.",
    ]
    assert Entry.objects.filter(action="overlap.judged").count() == 2


def test_verdicts_make_like_pairs_surer_or_less_sure(pair, owners):
    viewer = owners[0][2]
    make(owners[1], "Schools and signs of danger", start_date="2025-03-01")
    deliver_all("overlaps")
    before = {one.pair.pk: one.sure for one in list_pairs(viewer, Wanted(), "en")}
    assert len(before) == 2

    services.give_verdict(
        pair=pair, verdict="not", reason="Other schools.", by=viewer, at=timezone.now()
    )

    (left,) = list_pairs(viewer, Wanted(), "en")
    assert left.sure < before[left.pair.pk]
    assert left.experience == "Of 1 pair that looked like this, people confirmed 0."


def test_verdict_on_a_pair_that_somebody_does_not_see_changes_nothing_for_them(pair, owners):
    make(owners[1], "A quiet project for teachers", marking=Marking.AMBER)
    deliver_all("overlaps")
    owner = owners[1][2]
    before = [(one.pair.pk, one.sure) for one in list_pairs(ANONYMOUS, Wanted(), "en")]
    quiet = next(one.pair for one in list_pairs(owner, Wanted(), "en") if one.pair.pk != pair.pk)

    services.give_verdict(
        pair=quiet, verdict="not", reason="Other schools.", by=owner, at=timezone.now()
    )

    after = [(one.pair.pk, one.sure) for one in list_pairs(ANONYMOUS, Wanted(), "en")]
    assert after == before


def test_verdict_needs_a_reason_and_somebody_concerned(pair, owners):
    stranger = make_owner("Stranger")[2]
    ask = {"pair": pair, "verdict": "real", "at": timezone.now()}

    with pytest.raises(BadInput, match="why"):
        services.give_verdict(**ask, reason=" ", by=owners[0][2])
    with pytest.raises(Refused, match="The owners"):
        services.give_verdict(**ask, reason="I say so.", by=stranger)
    assert not OverlapVerdict.objects.exists()


def test_one_click_opens_a_conversation_with_both_owners(client, pair, owners):
    from focal.threads.models import Thread

    client.force_login(
        PersonFactory(email="go-between@example.org"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    address = f"/mapping/overlaps/{pair.first.reference}/{pair.second.reference}/introduce/"

    response = client.post(address)

    for owner in owners:
        thread = Thread.objects.visible_to(owner[2]).get()
        assert response["Location"] == thread.get_absolute_url()


def test_owners_are_not_introduced_where_one_may_not_see_the_others(owners):
    first = make(owners[0], "Teachers and early signs")
    second = make(
        owners[1], "A quiet project for teachers", marking=Marking.AMBER, start_date="2025-09-01"
    )
    deliver_all("overlaps")
    quiet = get_pair(owners[1][2], first.reference, second.reference)

    with pytest.raises(Refused, match="may not see"):
        services.introduce(pair=quiet, by=owners[1][2], at=timezone.now())


def test_command_prints_pair_reasons_score_and_kind(pair):
    answer = json.loads(CliRunner().invoke(overlaps, ["--json"], catch_exceptions=False).output)

    assert [(row["pair"], row["kind"]) for row in answer] == [
        ([pair.first.reference, pair.second.reference], "overlap")
    ]
    assert answer[0]["score"] > 0.5
    assert "Economies: Albania." in answer[0]["reasons"]


def test_verdict_without_a_reason_is_answered_beside_the_form(client, pair, owners):
    client.force_login(owners[0][1], backend="allauth.account.auth_backends.AuthenticationBackend")
    address = f"/mapping/overlaps/{pair.first.reference}/{pair.second.reference}/verdict/"

    response = client.post(address, {"verdict": "real", "reason": ""})

    assert response.status_code == 422
    assert "Say in a few words why" in response.content.decode()
