"""What a viewer may do with an inquiry that they can see."""

from django.utils.translation import gettext as _

from focal.inquiries.models import Inquiry, SourceRequest
from focal.kernel.decision import YES, Decision, no
from focal.sharing import policy
from focal.sharing.viewer import Viewer


def is_asker(viewer: Viewer, inquiry: Inquiry) -> bool:
    """Private answers are for this person; colleagues who write for the owner are not it."""
    return viewer.person_id is not None and viewer.person_id == inquiry.owner_person_id


def may_answer(viewer: Viewer, inquiry: Inquiry) -> Decision:
    """Every member it was released to, while it is open; not whoever asked."""
    if viewer.person_id is None:
        return no(_("Sign in to answer."))
    if is_asker(viewer, inquiry):
        return no(_("It is your own question. You can add a remark for everybody."))
    return _is_taking_answers(inquiry)


def may_remark(viewer: Viewer, inquiry: Inquiry) -> Decision:
    """A remark is no answer: it goes to everybody who sees the inquiry."""
    if viewer.person_id is None:
        return no(_("Sign in to take part."))
    return YES if inquiry.is_out else no(_("It has not been sent yet."))


def _is_taking_answers(inquiry: Inquiry) -> Decision:
    if not inquiry.is_open:
        return no(_("It is closed and takes no more answers."))
    return YES if inquiry.is_out else no(_("It has not been sent yet."))


def may_steer(viewer: Viewer, inquiry: Inquiry) -> Decision:
    """Closing, reopening, adding recipients: whoever owns it."""
    if policy.owns(viewer, inquiry):
        return YES
    return no(_("Only those who asked can do this."))


def may_decide(viewer: Viewer, request: SourceRequest) -> Decision:
    """Whoever wrote an answer says whether it is named as a source."""
    if viewer.person_id is None or request.answer.post.author_id != viewer.person_id:
        return no(_("Only whoever wrote the answer can say this."))
    if request.state != SourceRequest.State.ASKED:
        return no(_("This has been decided already."))
    return YES
