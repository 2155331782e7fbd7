"""What a viewer may do with the mapping as a whole. Records are judged by `sharing.policy`."""

from __future__ import annotations

from django.utils.translation import gettext as _

from focal.kernel.decision import YES, Decision, no
from focal.sharing.viewer import Viewer


def may_merge_organisations(viewer: Viewer) -> Decision:
    """The list of organisations is looked after by the secretariat."""
    if viewer.is_secretariat:
        return YES
    return no(_("The list of organisations is looked after by the secretariat."))


def may_change_frames(viewer: Viewer) -> Decision:
    """Plans are brought in by the secretariat: everybody's records are read against them."""
    if viewer.is_secretariat:
        return YES
    return no(_("Plans are brought in by the secretariat."))
