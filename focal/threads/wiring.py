"""Puts conversations beside records, says which stored files they use and who inherits them."""

from django.utils.translation import gettext_lazy as _

from focal.directory import holdings
from focal.records.attachments import register_user_of_files
from focal.records.slots import Corner, Slot, register_corner, register_slot
from focal.records.standins import StandIn, register_stand_in
from focal.threads import indexing, leaving, selectors, services


def wire() -> None:
    """Register the slot on the pages of records, and the files of posts."""
    register_slot(
        Slot(
            key="conversation",
            title=_("What members say"),
            link=_("Show what members say about this"),
            url_name="threads:of_record",
            stylesheet="threads/threads.css",
        )
    )
    register_corner(services.MESSAGE, Corner(_("Your message"), "threads:of_record"))
    register_corner(services.THREAD, Corner(_("Conversation"), "threads:thread"))
    holdings.register(leaving.HOLDING)
    register_user_of_files(selectors.iterate_digests)
    register_stand_in(
        StandIn(
            name="private posts",
            load=indexing.load_private,
            all_keys=indexing.iterate_private,
            find=indexing.find_places,
        )
    )
