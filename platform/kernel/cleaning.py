"""A row's own field rules (length, range, choice), told as the platform's refusals."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import Model

from kernel.errors import Invalid


def require_clean(instance: Model, fields: Collection[str]) -> None:
    """Check `fields` of `instance` by what its model says of them; no query is made.

    Raises:
        Invalid: the first field that does not hold, with its first message.
    """
    others = {field.name for field in instance._meta.fields} - set(fields)  # noqa: SLF001  # Django's public, if underscored, door
    try:
        instance.clean_fields(exclude=others)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field) from error
