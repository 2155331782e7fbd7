"""Conversations, and what hangs on them: posts, files, quoted records, mentions.

A conversation either shares the audience of the record it stands beside, or has an audience
of its own. Both are asked for through `Thread.objects.visible_to(viewer)`; posts are reached
through a conversation that the viewer may see, by `selectors.list_posts`.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference
from focal.records.models import Record
from focal.sharing.models import (
    Protected,
    ProtectedManager,
    ProtectedQuerySet,
    red_has_an_owner,
)
from focal.sharing.viewer import Viewer


class ThreadAudience(models.Model):
    """One token that a conversation with an audience of its own is visible to."""

    record = models.ForeignKey("threads.Thread", models.CASCADE, related_name="+")
    token = models.CharField(max_length=40)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("record", "token"), name="thread_audience_once"),
        )
        indexes = (models.Index(fields=("token", "record"), name="thread_audience_token"),)

    def __str__(self) -> str:
        return self.token


class ThreadQuerySet(ProtectedQuerySet):
    """Conversations that were narrowed to a viewer."""

    def _seen_by(self, viewer: Viewer) -> ThreadQuerySet:
        """Its own tokens, or those of its record. Conversations are members' alone."""
        if viewer.is_anonymous:
            return self.none()
        own = ThreadAudience.objects.filter(
            record_id=OuterRef("pk"), token__in=sorted(viewer.tokens)
        )
        beside = Record.objects.visible_to(viewer).filter(pk=OuterRef("about_id"))
        return self.filter(
            Q(shares_audience=False) & Exists(own) | Q(shares_audience=True) & Exists(beside)
        )


class ThreadManager(ProtectedManager):
    """The door to conversations."""

    def visible_to(self, viewer: Viewer) -> ThreadQuerySet:
        """Conversations that the viewer may know to exist."""
        return ThreadQuerySet(self.model, using=self._db)._seen_by(viewer)

    def visible_to_each(self, *args: Any, **which: Any) -> NoReturn:
        """Not for conversations: some have the audience of their record, not one of their own."""
        raise NotImplementedError


class Thread(Protected):
    """A conversation. `about` is the record it stands beside, if there is one."""

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    title = models.CharField(_("title"), max_length=400)
    about = models.ForeignKey(Record, models.SET_NULL, null=True, blank=True, related_name="+")
    shares_audience = models.BooleanField(default=False)
    owner_organisation = models.ForeignKey(  # type: ignore[assignment]  # a person may be its owner
        "directory.Organisation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    audience_model = ThreadAudience
    objects = ThreadManager()  # type: ignore[misc]  # narrows like the ground's own

    class Meta:
        constraints = (
            red_has_an_owner("thread_red_has_an_owner"),
            models.UniqueConstraint(
                fields=("about",),
                condition=Q(shares_audience=True),
                name="thread_of_a_record_once",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("threads:thread", args=[self.reference])


class Post(models.Model):
    """One contribution. `is_private` ones are seen by their author and the asker alone."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    author = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=200)
    author_place = models.CharField(max_length=340, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    body = models.TextField(_("text"))
    is_private = models.BooleanField(default=False)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("thread", "at", "id"), name="post_in_order"),)

    def __str__(self) -> str:
        return self.reference


class PostFile(models.Model):
    """A file that came with a post."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    file_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    text = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("digest",), name="post_file_digest"),)

    def __str__(self) -> str:
        return self.file_name


class Quote(models.Model):
    """A record that a post refers to. It shows the record only to those who may see it."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    record = models.ForeignKey(Record, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("post", "record"), name="quote_once"),)

    def __str__(self) -> str:
        return f"{self.post_id}: {self.record_id}"


class Mention(models.Model):
    """Somebody whom a post calls by name. They could see the conversation when it was written."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    person = models.ForeignKey("directory.Person", models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("post", "person"), name="mention_once"),)

    def __str__(self) -> str:
        return f"{self.post_id}: {self.person_id}"
