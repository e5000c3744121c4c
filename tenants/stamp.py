"""The base of every model of ours: an instance remembers the schema it was read from and refuses any other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models

from tenants.clusters import DEFAULT
from tenants.errors import WrongTenant
from tenants.scope import require_scope


def refuse_foreign(instance: models.Model) -> None:
    """Raise `WrongTenant` when `instance` was read or saved in another scope than the current one."""
    stamped = getattr(instance._state, "schema", None)  # noqa: SLF001  # Django keeps per-instance state there
    here = _place()
    if stamped is not None and stamped != here:
        raise WrongTenant(f"{type(instance).__name__} {instance.pk} belongs to {stamped} and is used in {here}.")


class ScopedModel(models.Model):
    """A model whose instances carry their schema from load to save."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Self:
        # Any: Django's own signature
        instance = super().from_db(db, field_names, values, **kwargs)
        _stamp(instance)
        return instance

    def save_base(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own signature
        refuse_foreign(self)
        for related in self._state.fields_cache.values():
            if isinstance(related, ScopedModel):
                refuse_foreign(related)
        super().save_base(*args, **kwargs)
        _stamp(self)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:  # Any: Django's own signature
        refuse_foreign(self)
        return super().delete(*args, **kwargs)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own signature
        refuse_foreign(self)
        super().refresh_from_db(*args, **kwargs)


def _stamp(instance: models.Model) -> None:
    instance._state.schema = _place()  # type: ignore[attr-defined]  # noqa: SLF001  # our own mark beside Django's


def _place() -> str:
    """Schema and cluster: `public` stands in each."""
    scope = require_scope()
    return scope.schema if scope.database == DEFAULT else f"{scope.schema} on {scope.database}"
