"""The base of what is read from a request, and the shape of one page of a list."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from kernel.errors import DomainError

LONGEST_PAGE = 100
USUAL_PAGE = 25


class StrictSerializer(serializers.Serializer[Any]):  # Any: fields to a dict
    """Refuses what it does not know: a field that was misspelt must not be ignored quietly."""

    def to_internal_value(self, data: Any) -> Any:  # Any: DRF's own signature
        """The fields by name.

        Raises:
            ValidationError: among others, for names that are none of the fields.
        """
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if unknown:
            raise serializers.ValidationError({str(name): [_("There is no such field.")] for name in sorted(unknown, key=str)})
        return super().to_internal_value(data)


class PageQuerySerializer(StrictSerializer):
    """Where a list goes on, and how much of it is wanted."""

    cursor = serializers.CharField(required=False, max_length=800, help_text="`next_cursor` or `previous_cursor` of a page.")
    limit = serializers.IntegerField(required=False, default=USUAL_PAGE, min_value=1, max_value=LONGEST_PAGE)


class PageSerializer(serializers.Serializer[Any]):  # Any: as above
    """The cursors of a page; lists add their `items`. A cursor is opaque, and good for the same filters only."""

    next_cursor = serializers.CharField(allow_null=True)
    previous_cursor = serializers.CharField(allow_null=True)


def read_query[S: serializers.Serializer[Any]](serializer: type[S], request: Request) -> dict[str, Any]:  # Any: cleaned values
    """The query of `request` as `serializer` reads it.

    Raises:
        ValidationError: names the parameters that are wrong.
    """
    reader = serializer(data=request.query_params.dict())
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)


def read_body[S: serializers.Serializer[Any]](serializer: type[S], request: Request) -> dict[str, Any]:  # Any: as above
    """The body of `request` as `serializer` reads it; an empty body is an empty object.

    Raises:
        ValidationError: names the fields that are wrong.
    """
    reader = serializer(data=request.data if request.data is not None else {})
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)


@contextmanager
def fields_named(names: Mapping[str, str]) -> Generator[None]:
    """Give refusals raised inside the names that their fields have in the API."""
    try:
        yield
    except DomainError as error:
        if error.field is not None:
            error.field = names.get(error.field, error.field)
        raise
