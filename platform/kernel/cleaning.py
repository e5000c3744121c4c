"""A row's own field rules (length, range, choice), told as the platform's refusals."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from kernel.errors import Invalid


def require_clean(instance: Model, fields: Collection[str]) -> None:
    """Check `fields` of `instance` by what its model says of them; no query is made.

    Raises:
        Invalid: the first field that does not hold, with its first message.
    """
    for name in fields:
        value = getattr(instance, name)
        if isinstance(value, str):
            require_storable((value,), field=name)
    others = {field.name for field in instance._meta.fields} - set(fields)  # noqa: SLF001  # Django's public, if underscored, door
    try:
        instance.clean_fields(exclude=others)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field) from error


def require_storable(texts: Iterable[str], *, field: str) -> None:
    """Refuse texts with a zero byte, which PostgreSQL keeps in no column.

    Raises:
        Invalid: blaming `field`.
    """
    if any("\0" in text for text in texts):
        raise Invalid(_("This contains a character that cannot be stored."), field=field)
