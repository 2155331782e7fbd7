"""Which tokens a marking gives, and which release lists it takes."""

import pytest

from focal.sharing.markings import Marking
from focal.sharing.tokens import compute_audience, may_release_to

RELEASES = ["format:1", "economy:AL", "org:2", "person:3"]
ALLOWED = {
    Marking.CLEAR: set(),
    Marking.GREEN: set(),
    Marking.AMBER: set(RELEASES),
    Marking.AMBER_STRICT: {"org:2", "person:3"},
    Marking.RED: {"person:3"},
}


@pytest.mark.parametrize("marking", Marking)
@pytest.mark.parametrize("token", RELEASES)
def test_may_release_to_follows_tlp_2_and_says_why_not(marking, token):
    decision = may_release_to(marking, [token])

    assert decision.allowed == (token in ALLOWED[marking])
    assert bool(decision.reason) != decision.allowed


def audience(marking, *, is_out=True, in_review=False, releases=()):
    return compute_audience(
        marking=marking,
        is_out=is_out,
        in_review=in_review,
        owner_organisation_id=7,
        owner_person_id=9,
        releases=releases,
    )


@pytest.mark.parametrize(
    ("marking", "releases", "expected"),
    [
        (Marking.CLEAR, [], {"public"}),
        (Marking.GREEN, [], {"community"}),
        (Marking.AMBER, ["format:1"], {"person:9", "desk:7", "org:7", "format:1"}),
        (Marking.AMBER_STRICT, ["org:2"], {"person:9", "desk:7", "org:7", "org:2"}),
        (Marking.RED, ["person:3"], {"person:9", "person:3"}),
    ],
)
def test_compute_audience_of_what_is_out(marking, releases, expected):
    assert audience(marking, releases=releases) == expected


@pytest.mark.parametrize("marking", [m for m in Marking if m != Marking.RED])
def test_compute_audience_of_a_draft_is_its_desk(marking):
    assert audience(marking, is_out=False, releases=["person:3"]) == {"person:9", "desk:7"}


@pytest.mark.parametrize("marking", [m for m in Marking if m != Marking.RED])
def test_compute_audience_in_review_adds_the_secretariat(marking):
    assert audience(marking, is_out=False, in_review=True) == {
        "person:9",
        "desk:7",
        "secretariat",
    }


@pytest.mark.parametrize("in_review", [True, False])
def test_compute_audience_of_a_red_draft_is_its_owner_alone(in_review):
    got = audience(Marking.RED, is_out=False, in_review=in_review, releases=["person:3"])

    assert got == {"person:9"}
