"""What a viewer may do in a conversation that they can see."""

from django.utils.translation import gettext as _

from focal.kernel.decision import YES, Decision, no
from focal.sharing.viewer import Viewer
from focal.threads.models import Post


def may_post(viewer: Viewer) -> Decision:
    """Whoever takes part signs with a name."""
    if viewer.person_id is None:
        return no(_("Sign in to take part."))
    return YES


def may_withdraw(viewer: Viewer, post: Post) -> Decision:
    """What one has written is one's own to take back."""
    if viewer.person_id is None or post.author_id != viewer.person_id:
        return no(_("Only its author can take it back."))
    if post.withdrawn_at is not None:
        return no(_("It has been taken back already."))
    return YES
