"""The roles in words: who may do what, as one table. A test holds it against the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLES: tuple[tuple[str, Promise, Promise], ...] = (
    ("visitor", _("Visitor"), _("Anybody, without an account.")),
    ("member", _("Member"), _("Whoever was invited: reads what is shared with them.")),
    ("contributor", _("Contributor"), _("Writes for an organisation.")),
    ("editor", _("Editor"), _("Writes and publishes for an organisation.")),
    ("focal_point", _("Focal point"), _("Speaks for an economy on P/CVE.")),
    ("officer", _("Chair or secretary"), _("Looks after a format.")),
    ("secretariat", _("Secretariat"), _("Contributors and editors of the coordinating office.")),
    ("administrator", _("Administrator"), _("Technical work. Sees no content by right.")),
)
KEYS = tuple(key for key, _name, _what in ROLES)

YES = _("Yes")
ORGANISATION, ECONOMY, FORMAT = _("Organisation"), _("Economy"), _("Format")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something one may do; `by` says for which roles, and within what bounds."""

    key: str
    what: Promise
    by: Mapping[str, Promise]


@dataclass(frozen=True, slots=True)
class Row:
    """A deed with a cell for each role, by its name; empty where the role does not allow it."""

    what: Promise
    cells: Sequence[tuple[Promise, Promise | str]]


MEMBERS = dict.fromkeys(KEYS[1:], YES)
WRITERS = {"contributor": ORGANISATION, "editor": ORGANISATION, "secretariat": ORGANISATION}

GROUPS: tuple[tuple[Promise, tuple[Deed, ...]], ...] = (
    (
        _("Reading"),
        (
            Deed("read_clear", _("What is marked TLP:CLEAR"), {"visitor": YES, **MEMBERS}),
            Deed("read_green", _("What is marked TLP:GREEN"), MEMBERS),
            Deed(
                "read_released",
                _("AMBER and RED that is released to them by name, organisation, economy, format"),
                MEMBERS,
            ),
            Deed("read_drafts", _("Drafts"), WRITERS),
            Deed("read_review", _("What waits for review"), {**WRITERS, "secretariat": YES}),
            Deed("who_is_who", _("Who is who, as far as each person shows it"), MEMBERS),
        ),
    ),
    (
        _("Writing"),
        (
            Deed("write", _("Write, and send to review"), WRITERS),
            Deed(
                "publish",
                _("Publish, archive, withdraw"),
                {"editor": ORGANISATION, "secretariat": _("What waits for review")},
            ),
            Deed(
                "change",
                _("Change what is published, without a review"),
                {"editor": ORGANISATION, "secretariat": ORGANISATION},
            ),
            Deed("share", _("Choose the marking and who may see it"), WRITERS),
            Deed(
                "widen",
                _("Show more people what is published, without a second person"),
                {"editor": ORGANISATION, "secretariat": ORGANISATION},
            ),
        ),
    ),
    (
        _("Formats"),
        (
            Deed(
                "manage_format",
                _("Members, chairs, announcements of a format"),
                {"officer": FORMAT, "secretariat": _("Unless it is confidential")},
            ),
            Deed("enter_format", _("Enter a new format"), {"secretariat": YES}),
        ),
    ),
    (
        _("People and organisations"),
        (
            Deed(
                "invite",
                _("Invite people"),
                {"focal_point": ECONOMY, "secretariat": YES, "administrator": YES},
            ),
            Deed("appoint", _("Enter who is focal point of an economy"), {"secretariat": YES}),
            Deed(
                "close",
                _("Close an account and hand over what was in its hands"),
                {"secretariat": _("Its editors"), "administrator": YES},
            ),
            Deed(
                "describe",
                _("Change an organisation's page"),
                {
                    "editor": ORGANISATION,
                    "focal_point": ECONOMY,
                    "secretariat": YES,
                    "administrator": YES,
                },
            ),
            Deed("leave", _("Leave, take one's data along, have it deleted"), MEMBERS),
            Deed("make_administrator", _("Make another administrator"), {"administrator": YES}),
        ),
    ),
)


def list_groups() -> list[tuple[Promise, list[Row]]]:
    """The table, group by group."""
    return [
        (
            title,
            [
                Row(deed.what, [(name, deed.by.get(key, "")) for key, name, _what in ROLES])
                for deed in deeds
            ],
        )
        for title, deeds in GROUPS
    ]
