"""Sandboxes that an organization had: gone by now, but their runs, letters and entries on record tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.conf import settings

from kernel.ids import format_public_id
from provisioning.archives.beside import namings_of
from provisioning.files import PREFIX_KEY
from provisioning.models import Run, Step
from provisioning.types import RunKind
from tenants.schemas import schema_for
from tenants.scope import platform_scope
from tenants.types import TENANT_PREFIX


@dataclass(frozen=True, slots=True)
class FormerSandboxes:
    """All of an organization's; as text, since that is how they are kept until the proof."""

    ids: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()

    @classmethod
    def of(cls, tenant_id: UUID) -> Self:
        """Those that a run on record made, or was to make (two queries). Scrubbed runs tell nothing any more."""
        with platform_scope(reason="former sandboxes"):
            runs = list(Run.objects.filter(kind=RunKind.CLONE_ORGANIZATION, request__source=tenant_id.hex).order_by("pk"))
            made = Step.objects.filter(run__in=[run.pk for run in runs], name="schema", result__has_key=PREFIX_KEY)
            prefixes = {str(prefix) for prefix in made.values_list(f"result__{PREFIX_KEY}", flat=True)}
        ids = {str(run.tenant_id) for run in runs if run.tenant_id is not None}
        slugs = {str(run.request["slug"]) for run in runs}
        return cls(tuple(sorted(ids)), tuple(sorted(slugs)), tuple(sorted(prefixes)))

    @property
    def tenant_ids(self) -> tuple[UUID, ...]:
        """The ids as such."""
        return tuple(UUID(one) for one in self.ids)

    def schemas(self) -> set[str]:
        """Every schema that ever was one's."""
        named = {naming.schema for tenant_id in self.tenant_ids for naming in namings_of(tenant_id)}
        return named | {schema_for(tenant_id) for tenant_id in self.tenant_ids}

    def traces(self) -> set[str]:
        """What is nobody else's: ids in each form, hosts, prefixes."""
        written = {form for one in self.tenant_ids for form in (str(one), one.hex, format_public_id(TENANT_PREFIX, one))}
        return written | {f"{slug}.{settings.PLATFORM_DOMAIN}" for slug in self.slugs} | set(self.prefixes)
