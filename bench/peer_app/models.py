"""A record as the peer would keep it: columns for what has one value, rows for what has several."""

from django.db import models
from django.db.models import QuerySet
from modelsearch import index
from modelsearch.queryset import SearchableQuerySetMixin


class ItemQuerySet(SearchableQuerySetMixin, QuerySet):
    """With the peer's `search`."""


class Item(index.Indexed, models.Model):
    """A record."""

    key = models.CharField(max_length=20, unique=True)
    title = models.TextField()
    summary = models.TextField()
    body = models.TextField()
    kind = models.CharField(max_length=20, db_index=True)
    language = models.CharField(max_length=10, db_index=True)
    year = models.CharField(max_length=4, db_index=True)
    date = models.DateField(db_index=True)

    objects = ItemQuerySet.as_manager()
    search_fields = [
        index.SearchField("title", boost=3),
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("id"),
        index.FilterField("kind"),
        index.FilterField("language"),
        index.FilterField("year"),
    ]

    def __str__(self):
        return self.title

    @classmethod
    def from_document(cls, document):
        """A record of the corpus."""
        text = document.texts[0]
        return cls(
            key=document.key,
            title=text.title,
            summary=text.summary,
            body=text.body,
            kind=document.kind,
            language=text.language,
            year=document.facets["year"][0],
            date=document.date,
        )


class Value(models.Model):
    """An economy, a topic, an organisation, or a token of the audience."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE)
    name = models.CharField(max_length=20)
    value = models.CharField(max_length=60)

    class Meta:
        indexes = [
            models.Index(fields=["name", "value", "item"], name="value_of_item"),
            models.Index(fields=["item", "name"], name="item_of_value"),
        ]

    def __str__(self):
        return f"{self.name}: {self.value}"
