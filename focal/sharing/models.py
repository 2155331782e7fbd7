"""The ground of everything that is protected: its owner, its marking, and the one door.

`visible_to` is the only code that turns audience tokens into rows: pages, search, feeds,
exports and files all start from it. Relations to protected models carry
`related_name="+"`, so that there is no way round it through another row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from focal.sharing.markings import Marking

if TYPE_CHECKING:
    from focal.sharing.viewer import Viewer


Key = TypeVar("Key")


class AskedWithoutViewer(RuntimeError):
    """Somebody asked for protected rows without saying for whom."""


class ProtectedQuerySet(models.QuerySet):
    """Rows that have already been narrowed to a viewer, or opened for the platform itself."""

    def _seen_by(self, viewer: Viewer) -> Self:
        audience = self._find_audience().filter(
            record_id=OuterRef("pk"), token__in=sorted(viewer.tokens)
        )
        return self.filter(Exists(audience))

    def _find_audience(self) -> models.QuerySet:
        """The tokens that let in now."""
        tokens = self.model.audience_model._base_manager  # type: ignore[attr-defined]
        return tokens.filter(Q(until__isnull=True) | Q(until__gt=timezone.now()))


class ProtectedManager(models.Manager):
    """The door: `visible_to(viewer)`, or `for_system(reason)`; anything else raises."""

    def get_queryset(self) -> NoReturn:
        raise AskedWithoutViewer(
            f"{self.model.__name__}.objects shows nothing to nobody in particular: "
            "use .visible_to(viewer)."
        )

    def visible_to(self, viewer: Viewer) -> ProtectedQuerySet:
        """Rows the viewer may know to exist."""
        return ProtectedQuerySet(self.model, using=self._db)._seen_by(viewer)

    def visible_to_each(
        self, viewers: Mapping[Key, Viewer], *, defer: Sequence[str] = (), **which: Any
    ) -> tuple[dict[int, Any], dict[Key, set[int]]]:
        """Rows that `which` names by their keys, and for each viewer the keys they may know.

        For work that serves many people at once: two queries for all of them. A row that
        nobody of them may know of is not among the rows.
        """
        found: ProtectedQuerySet = ProtectedQuerySet(self.model, using=self._db)
        rows = {row.pk: row for row in found.filter(**which).defer(*defer)}
        by_token: defaultdict[str, set[int]] = defaultdict(set)
        for pk, token in (
            found._find_audience().filter(record_id__in=rows).values_list("record_id", "token")
        ):
            by_token[token].add(pk)
        seen = {
            key: {pk for token in viewer.tokens & by_token.keys() for pk in by_token[token]}
            for key, viewer in viewers.items()
        }
        known = set().union(*seen.values())
        return {pk: row for pk, row in rows.items() if pk in known}, seen

    def for_system(self, reason: str) -> ProtectedQuerySet:
        """Every row, for code that serves the platform itself and shows nothing to anybody.

        `reason` says in words why no viewer can be named; a test lists all uses.
        """
        if not reason:
            raise AskedWithoutViewer("for_system() needs a reason")
        return ProtectedQuerySet(self.model, using=self._db)


class Protected(models.Model):
    """An owner, a marking; subclasses set `audience_model`: rows of record, token and until."""

    marking = models.CharField(max_length=12, choices=Marking.choices, default=Marking.AMBER)
    owner_organisation = models.ForeignKey(
        "directory.Organisation", models.PROTECT, related_name="+"
    )
    owner_person = models.ForeignKey(
        "directory.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )

    audience_model: type[models.Model]
    objects = ProtectedManager()

    class Meta:
        abstract = True


def red_has_an_owner(name: str) -> models.CheckConstraint:
    """A RED row without a person who owns it could be opened by nobody."""
    return models.CheckConstraint(
        name=name, condition=~Q(marking=Marking.RED) | Q(owner_person__isnull=False)
    )
