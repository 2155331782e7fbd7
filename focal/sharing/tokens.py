"""Audience tokens: what a record is released to, and what a viewer holds.

| token | held by |
|---|---|
| `public` | everybody |
| `community` | every member |
| `person:<id>` | one person |
| `org:<id>` | members of an organisation |
| `desk:<id>` | its contributors and editors |
| `economy:<code>` | the focal points of an economy |
| `format:<id>` | those who sit in a format |
| `secretariat` | contributors and editors of the secretariat |
"""

from collections.abc import Collection

from django.utils.translation import gettext as _

from focal.kernel.decision import YES, Decision, no
from focal.sharing.markings import Marking

PUBLIC, COMMUNITY, SECRETARIAT = "public", "community", "secretariat"

# What each marking may be released to, beside its owner (TLP 2.0: AMBER is for recipients and
# those in their organisation who need to know, AMBER+STRICT for the organisation only, RED
# for individual recipients).
RELEASABLE = {
    Marking.CLEAR: frozenset(),
    Marking.GREEN: frozenset(),
    Marking.AMBER: frozenset({"format", "economy", "org", "person"}),
    Marking.AMBER_STRICT: frozenset({"org", "person"}),
    Marking.RED: frozenset({"person"}),
}


def kind_of(token: str) -> str:
    """The part of a token before its colon."""
    return token.partition(":")[0]


def may_release_to(
    marking: str, tokens: Collection[str], *, has_portions: bool = False
) -> Decision:
    """Whether a marking allows a release list, and if not, why.

    Where paragraphs carry markings of their own (`has_portions`), CLEAR and GREEN take a list
    too: it says who reads those paragraphs.
    """
    allowed = get_releasable(marking, has_portions=has_portions)
    if all(kind_of(token) in allowed for token in tokens):
        return YES
    return no(explain_lists(marking, has_portions=has_portions))


def get_releasable(marking: str, *, has_portions: bool = False) -> frozenset[str]:
    """The kinds of tokens that a marking can be released to."""
    allowed = RELEASABLE[Marking(marking)]
    return RELEASABLE[Marking.AMBER] if has_portions and not allowed else allowed


def explain_lists(marking: str, *, has_portions: bool = False) -> str:
    """Why a marking does not take every kind of recipient; empty where it does."""
    allowed = get_releasable(marking, has_portions=has_portions)
    if not allowed:
        return _("%(marking)s already says who may read it; it takes no release list.") % {
            "marking": Marking(marking).label
        }
    if Marking(marking) == Marking.RED:
        return _("TLP:RED is for people named one by one, not for whole bodies.")
    if allowed < RELEASABLE[Marking.AMBER]:
        return _(
            "TLP:AMBER+STRICT stays inside organisations: release it to organisations or people."
        )
    return ""


def compute_audience(
    *,
    marking: str,
    is_out: bool,
    in_review: bool,
    owner_organisation_id: int,
    owner_person_id: int | None,
    releases: Collection[str],
) -> frozenset[str]:
    """The tokens that a record is visible to.

    `is_out` is true once it has been published (archived ones stay readable). Before that
    only its desk sees it, and the secretariat while it is in review. A RED record is its
    owner's and the named people's alone, at every stage.
    """
    owner = {f"person:{owner_person_id}"} if owner_person_id else set()
    marking = Marking(marking)
    if marking == Marking.RED:
        return frozenset(owner | (set(releases) if is_out else set()))
    desk = owner | {f"desk:{owner_organisation_id}"}
    if not is_out:
        return frozenset(desk | ({SECRETARIAT} if in_review else set()))
    if marking == Marking.CLEAR:
        return frozenset({PUBLIC})
    if marking == Marking.GREEN:
        return frozenset({COMMUNITY})
    return frozenset(desk | {f"org:{owner_organisation_id}"} | set(releases))


def may_have_lost_sight(before: Collection[str], after: Collection[str]) -> bool:
    """Whether somebody who held a token of `before` may hold none of `after`.

    Every token but `public` is held by members alone, so `community` covers them all.
    """
    lost = set(before) - set(after)
    if PUBLIC in after:
        return False
    if COMMUNITY in after:
        return PUBLIC in lost
    return bool(lost)
