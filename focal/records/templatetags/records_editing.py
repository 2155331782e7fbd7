"""The sentences that the scripts of the editing pages say: `{% load records_editing %}`."""

from django import template
from django.utils.translation import gettext as _

from focal.sharing.markings import Marking

register = template.Library()


@register.simple_tag
def editing_words() -> dict[str, object]:
    """Names of the editor's buttons, and what the chooser of records says."""
    return {
        "toolbar": _("Formatting"),
        "paragraph": _("Paragraph"),
        "heading": _("Heading"),
        "subheading": _("Smaller heading"),
        "bold": _("Bold"),
        "italic": _("Italic"),
        "bullets": _("Bulleted list"),
        "numbers": _("Numbered list"),
        "quote": _("Quotation"),
        "link": _("Link"),
        "link_address": _("Address of the link"),
        "link_set": _("Set link"),
        "link_remove": _("Remove link"),
        "link_needs_text": _("Select the words first that are to become a link."),
        "cancel": _("Cancel"),
        "marking": _("Marking of this paragraph"),
        "markings": [
            ("", _("Marked as the record")),
            *((each.value, str(each.label)) for each in Marking if each != Marking.CLEAR),
        ],
        "undo": _("Undo"),
        "redo": _("Redo"),
        "choose": _("Search for a record by its title"),
        "chosen": _("Chosen: {title}"),
        "clear": _("Remove the choice"),
        "nothing": _("Nothing found"),
        "found": _("{count} found. Use the arrow keys."),
        "failed": _("The search does not answer. Paste the address of the record instead."),
        "signed_out": _("You have been signed out. Your text stays here: sign in in another tab."),
    }
