"""Where a person's names are filed: derived, made anew by ``missing_persons.filing`` whenever something on the person changes."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex

from missing_persons.models.persons import Person, Sex


class SearchEntry(models.Model):
    """One row for each person who is still there: neither joined into another nor erased. Goes with the person; no history.

    names: one form of the name a line, see ``missing_persons.filing.written_form``; sounds: its words by sound, for ranking many
    namesakes; keys: see ``missing_persons.names.keys``, salted with the operation.
    """

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="search_entry")
    operation = models.ForeignKey("operations.Operation", models.CASCADE, null=True, related_name="+")
    is_public = models.BooleanField()
    sex = models.CharField(max_length=8, choices=Sex.choices)
    born_from = models.DateField(null=True)
    born_to = models.DateField(null=True)
    names = models.TextField()
    sounds = models.TextField()
    keys = ArrayField(models.IntegerField())

    class Meta:
        # Without a list of pending rows every search would first have to read through it.
        indexes = (GinIndex(fields=("keys",), name="missing_search_keys", fastupdate=False),)

    def __str__(self) -> str:
        return self.sounds
