"""Fields of the API that name another record by its public code."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from komek.accounts.authority import visible
from komek.records.codes import MistypedCode, parse_code


@extend_schema_field(str)
class CodeField(serializers.Field[Any, Any, Any, Any]):
    """A record by its code; only one that the asker may see can be named.

    letters: kinds of code taken. missing: the sentence when there is none, with ``%(code)s``.
    """

    letters: ClassVar[str]
    missing: ClassVar[Any]

    def rows(self) -> QuerySet[Any]:
        """The records that may be named, before they are narrowed to what the asker may see."""
        raise NotImplementedError

    def to_representation(self, value: Any) -> str:
        return str(value.code)

    def to_internal_value(self, data: Any) -> Any:
        try:
            code = parse_code(str(data), self.letters)
        except MistypedCode as fault:
            raise serializers.ValidationError(str(fault)) from fault
        found = visible(self.rows(), self.context["view"].standing).filter(code=code).first()
        if found is None:
            raise serializers.ValidationError(self.missing % {"code": code})
        return found
