"""What a viewer may do with something they can see, each answer with its reason.

The page, the command line and the log show the same words. A row the viewer cannot see
never gets here: it is not found, like a row that does not exist.
"""

from typing import Protocol

from django.utils.translation import gettext as _

from focal.kernel.decision import YES, Decision, no
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer


class Item(Protocol):
    """What the rules look at."""

    marking: str
    state: str
    owner_organisation_id: int
    owner_person_id: int | None


def owns(viewer: Viewer, item: Item) -> bool:
    """Whether the viewer is its owner, or writes for the organisation that owns it."""
    if viewer.person_id is not None and viewer.person_id == item.owner_person_id:
        return True
    return item.marking != Marking.RED and item.owner_organisation_id in viewer.writes_for


def may_create(viewer: Viewer, organisation_id: int | None = None) -> Decision:
    """Writing needs a contributor's or editor's place in an organisation."""
    if viewer.is_anonymous:
        return no(_("Sign in to write."))
    if not viewer.writes_for:
        return no(_("Only contributors and editors of an organisation can write."))
    if organisation_id is not None and organisation_id not in viewer.writes_for:
        return no(_("You do not write for this organisation."))
    return YES


def may_edit(viewer: Viewer, item: Item) -> Decision:
    """Its owner, those who write for its organisation, the secretariat while in review."""
    if item.state == "withdrawn":
        return no(_("It has been withdrawn. Bring it back as a draft before you change it."))
    if owns(viewer, item):
        return YES
    if viewer.is_secretariat and item.state == "in_review":
        return YES
    return no(_("Only the organisation that owns it can change it."))


def may_share(viewer: Viewer, item: Item) -> Decision:
    """Marking and release list are the owner's alone."""
    if owns(viewer, item):
        return YES
    return no(_("Only the organisation that owns it can change who sees it."))


def may_widen(viewer: Viewer, item: Item, marking: str) -> Decision:
    """Showing what is out to more people, under the marking it is to have, on one's own word.

    Publishing and widening are one right: else a contributor would publish narrowly what an
    editor has agreed to, and then show it to everybody. Others put it before a second person.
    """
    if item.owner_organisation_id in viewer.publishes_for:
        return YES
    is_owner = viewer.person_id is not None and viewer.person_id == item.owner_person_id
    if marking == Marking.RED and is_owner:
        return YES
    return no(
        _(
            "Contributors cannot show more people what is published. An editor of your"
            " organisation, or the secretariat where it sees the record, has to confirm it."
        )
    )


def may_submit(viewer: Viewer, item: Item) -> Decision:
    """Sending a draft to review."""
    if not owns(viewer, item):
        return no(_("Only the organisation that owns it can send it to review."))
    return YES


def may_publish(viewer: Viewer, item: Item) -> Decision:
    """An editor of its organisation; the secretariat for what is in review; a RED one's owner."""
    if item.marking == Marking.RED:
        return YES if owns(viewer, item) else no(_("Only its owner can release it."))
    if item.owner_organisation_id in viewer.publishes_for:
        return YES
    if item.state == "in_review" and viewer.is_secretariat:
        return YES
    if owns(viewer, item):
        return no(
            _("Contributors cannot publish. Send it to review: an editor or the secretariat will.")
        )
    return no(_("Only an editor of the organisation that owns it can publish it."))


def may_return(viewer: Viewer, item: Item) -> Decision:
    """Sending it back from review."""
    return YES if may_publish(viewer, item) or owns(viewer, item) else may_publish(viewer, item)


def may_archive(viewer: Viewer, item: Item) -> Decision:
    """Marking it as past; it stays readable."""
    return _by_publisher(viewer, item, _("Only an editor of its organisation can archive it."))


def may_withdraw(viewer: Viewer, item: Item) -> Decision:
    """Taking it back from everybody who could read it."""
    return _by_publisher(viewer, item, _("Only an editor of its organisation can withdraw it."))


def _by_publisher(viewer: Viewer, item: Item, refusal: str) -> Decision:
    if item.marking == Marking.RED:
        return YES if owns(viewer, item) else no(refusal)
    return YES if item.owner_organisation_id in viewer.publishes_for else no(refusal)
