"""People, organisations, formats, and who sits in what from when until when."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference


class PersonManager(BaseUserManager["Person"]):
    """Makes people; addresses are compared without regard to case."""

    def create_person(self, *, email: str, full_name: str, **fields: object) -> Person:
        """A member without a password yet; they set one through their invitation."""
        person = self.model(email=email.strip().lower(), full_name=full_name, **fields)
        person.set_unusable_password()
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, email: str | None) -> Person:
        return self.get(email=(email or "").strip().lower())


class Person(AbstractBaseUser):
    """A member. Administrator means technical work: settings and accounts, no content."""

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    email = models.EmailField(_("e-mail address"), unique=True)
    full_name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=12, default="en")
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    # For those whose account was closed: when, who took over, when their contact data went.
    left_at = models.DateTimeField(null=True, blank=True)
    successor = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    contact_removed_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = PersonManager()

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0]


class Profile(models.Model):
    """What a person tells of themselves, and whom they tell it."""

    class Level(models.TextChoices):
        NOBODY = "nobody", _("Nobody")
        MINE = "mine", _("Members of my organisations and formats")
        MEMBERS = "members", _("All members")

    # What can be shown or kept, and what holds until somebody chooses.
    DEFAULTS = {
        "places": Level.MEMBERS,
        "former": Level.NOBODY,
        "formats": Level.MEMBERS,
        "email": Level.MINE,
        "phone": Level.MINE,
        "about": Level.MEMBERS,
        "languages": Level.MEMBERS,
        "topics": Level.MEMBERS,
    }

    person = models.OneToOneField(Person, models.CASCADE, related_name="profile")
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    about = models.TextField(_("about me"), max_length=2000, blank=True)
    languages = models.JSONField(default=list, blank=True)
    topics = models.JSONField(default=list, blank=True)
    shown = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"What {self.person} shows"

    def get_level(self, field: str) -> str:
        """Who is shown a field."""
        return str(self.shown.get(field) or self.DEFAULTS[field])


class Organisation(models.Model):
    """A ministry, agency, NGO, university, donor, secretariat ..."""

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    name = models.CharField(_("name"), max_length=300)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    kind = models.ForeignKey(
        "vocabulary.Concept", models.PROTECT, null=True, blank=True, related_name="+"
    )
    economy = models.ForeignKey(
        "vocabulary.Economy", models.PROTECT, null=True, blank=True, related_name="+"
    )
    description = models.TextField(_("description"), blank=True)
    website = models.URLField(_("website"), blank=True)
    source_url = models.URLField(_("source"), max_length=500, blank=True)
    is_secretariat = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("name",), name="organisation_name_once"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.acronym})" if self.acronym else self.name


class OrganisationName(models.Model):
    """How an organisation is called in one more language."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="names")
    language = models.CharField(max_length=12)
    name = models.CharField(max_length=300)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "language", "name"), name="organisation_name_language_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} [{self.language}]"


class DatedQuerySet(models.QuerySet):
    """Rows that hold from a day (open when empty) until a day (not included)."""

    def current(self, on: date) -> DatedQuerySet:
        """Rows that hold on a day."""
        return self.filter(
            Q(since__isnull=True) | Q(since__lte=on), Q(until__isnull=True) | Q(until__gt=on)
        )


class Dated(models.Model):
    """Something that holds for a time."""

    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_current(self, on: date) -> bool:
        """Whether it holds on a day."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


class Membership(Dated):
    """A person's place in an organisation, and what they may do for it."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Member: reads what the organisation may read")
        CONTRIBUTOR = "contributor", _("Contributor: writes for the organisation")
        EDITOR = "editor", _("Editor: writes and publishes for the organisation")

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.MEMBER)
    post = models.CharField(_("post"), max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.person} in {self.organisation}"


class FocalPoint(Dated):
    """Who speaks for an economy on P/CVE."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="focal_posts")
    economy = models.ForeignKey("vocabulary.Economy", models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.person} for {self.economy_id}"


class FormatQuerySet(models.QuerySet):
    """Formats. Whoever shows or offers them asks `known_to` first."""

    def known_to(self, person_id: int | None, *, on: date) -> FormatQuerySet:
        """Those whose existence a person may know: all but confidential ones they do not sit in."""
        seats = FormatSeat.objects.current(on).filter(format=OuterRef("pk"), person_id=person_id)
        return self.filter(Q(is_confidential=False) | Exists(seats))

    def with_members_known_to(self, person_id: int | None, *, on: date) -> FormatQuerySet:
        """Those whose members a person may know: all, or where they hide from one another none.

        Whoever chairs such a format or is its secretary knows them.
        """
        offices = FormatSeat.objects.current(on).filter(
            format=OuterRef("pk"), person_id=person_id, role__in=FormatSeat.OFFICES
        )
        return self.known_to(person_id, on=on).filter(Q(hides_members=False) | Exists(offices))


class Format(models.Model):
    """A standing regional cooperation body with members, a chair and meetings.

    A confidential one does not exist for those who do not sit in it; in one that hides its
    members, they do not know of one another.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=300)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    description = models.TextField(_("what it is"), blank=True)
    rhythm = models.CharField(_("rhythm"), max_length=500, blank=True)
    website = models.URLField(_("website"), blank=True)
    sources = models.JSONField(default=list, blank=True)
    is_confidential = models.BooleanField(_("only its members know that it exists"), default=False)
    hides_members = models.BooleanField(_("its members do not see one another"), default=False)

    objects = FormatQuerySet.as_manager()

    def __str__(self) -> str:
        return self.acronym or self.name


def _one_party(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(economy__isnull=True, organisation__isnull=False)
        | Q(economy__isnull=False, organisation__isnull=True),
    )


class FormatMember(Dated):
    """An economy's or organisation's place in a format."""

    class Status(models.TextChoices):
        MEMBER = "member", _("Member")
        ASSOCIATE = "associate", _("Associate")
        OBSERVER = "observer", _("Observer")
        GUEST = "guest", _("Guest")

    format = models.ForeignKey(Format, models.CASCADE, related_name="members")
    economy = models.ForeignKey(
        "vocabulary.Economy", models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="format_memberships"
    )
    other = models.CharField(_("outside the thirteen"), max_length=100, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.MEMBER)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="format_member_is_one_party",
                condition=Q(economy__isnull=False, organisation__isnull=True, other="")
                | Q(economy__isnull=True, organisation__isnull=False, other="")
                | (Q(economy__isnull=True, organisation__isnull=True) & ~Q(other="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.economy_id or self.organisation or self.other} in {self.format}"


class FormatChair(Dated):
    """Who chairs a format, from when until when."""

    format = models.ForeignKey(Format, models.CASCADE, related_name="chairs")
    economy = models.ForeignKey(
        "vocabulary.Economy", models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (_one_party("format_chair_is_one_party"),)

    def __str__(self) -> str:
        return f"{self.economy_id or self.organisation} chairs {self.format}"


class FormatSeat(Dated):
    """A person who sits in a format, and so holds its token."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        CHAIR = "chair", _("Chair")
        SECRETARY = "secretary", _("Secretary")

    OFFICES = (Role.CHAIR, Role.SECRETARY)  # they look after the format

    format = models.ForeignKey(Format, models.CASCADE, related_name="seats")
    person = models.ForeignKey(Person, models.CASCADE, related_name="format_seats")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.MEMBER)

    def __str__(self) -> str:
        return f"{self.person} in {self.format}"


class Announcement(models.Model):
    """What the chair or secretary of a format tells those who sit in it."""

    format = models.ForeignKey(Format, models.CASCADE, related_name="announcements")
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), max_length=5000)
    language = models.CharField(_("language"), max_length=12, default="en")
    until = models.DateField(_("until"), null=True, blank=True)
    made_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class Attempt(models.Model):
    """A password or code that somebody tried, for `limits`. `key` tells of nobody."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("key", "at"), name="attempt_of_key"),)

    def __str__(self) -> str:
        return self.key


class Invitation(models.Model):
    """A place that waits for a person. Only a hash of the link's secret is kept."""

    email = models.EmailField()
    full_name = models.CharField(max_length=200, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="+"
    )
    role = models.CharField(
        max_length=12, choices=Membership.Role.choices, default=Membership.Role.MEMBER
    )
    makes_administrator = models.BooleanField(default=False)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.email

    def is_open(self, at: datetime) -> bool:
        """Whether the link still works."""
        return self.accepted_at is None and at < self.expires_at


class OrganisationMerge(models.Model):
    """One organisation taken for another: what it was and what was moved, so it can be undone."""

    kept = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    absorbed_name = models.CharField(max_length=300)
    absorbed = models.JSONField()
    moved = models.JSONField()
    reason = models.CharField(max_length=300, blank=True)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.absorbed_name} > {self.kept}"


class OrganisationVerdict(models.Model):
    """Two organisations that somebody said are not the same: not proposed again."""

    first = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    second = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="organisation_verdict_once"),
            models.CheckConstraint(
                name="organisation_verdict_in_order", condition=Q(first__lt=models.F("second"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
