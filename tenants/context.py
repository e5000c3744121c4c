"""What a request of a tenant may know of the registry: immutable, loaded once, cached by host for seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final
from uuid import UUID

from tenants.clusters import DEFAULT
from tenants.limits import UNLIMITED, Limits, RequestLimits, limits_of, request_limits_of
from tenants.roles import owner_role, platform_role, tenant_role
from tenants.types import PaymentsMode, TenantStatus

PUBLIC_SCHEMA: Final = "public"
EXTENSIONS_SCHEMA: Final = "extensions"

Limit = bool | int | None


def _owner_path(schema: str) -> bytes:
    """Ends in pg_temp, so that nobody's temporary table hides one of ours from the owner.

    PostgreSQL reports the path and not the role. No two roles share a path, so that the path tells the role too.
    """
    return f"{schema}, {EXTENSIONS_SCHEMA}, pg_temp".encode()


@dataclass(frozen=True)
class TenantContext:
    """One organization as its own pages, tasks and mails see it.

    `status` is how it is to be treated: a sandbox follows its source out of service.
    `entitlements` maps the entitlement's name to a switch (bool) or a limit (int; None is unlimited).
    `storage_prefix` is random, so that a file's address tells nothing of its owner. `database` is the cluster that its schema
    stands in; while it is moved to another one, `is_read_only`. `payment_notice` is a `tenants.types.PaymentNotice`.
    """

    id: UUID
    schema: str
    slug: str
    name: str
    status: str
    kind: str
    plan: str
    entitlements: Mapping[str, Limit]
    primary_host: str
    base_url: str
    locale: str
    currency: str
    time_zone: str
    theme_package: str
    theme_tokens: Mapping[str, object]
    theme_hash: str
    storage_prefix: str
    schema_version: str
    schema_base: str = ""
    cache_generation: int = 0
    database: str = DEFAULT
    is_read_only: bool = False
    brand_kit: str = ""
    vocabulary: Mapping[str, str] = field(default_factory=dict)
    content: Mapping[str, object] = field(default_factory=dict)
    sandbox_of: UUID | None = None
    sandbox_of_name: str = ""
    plan_version: int = 1
    keeps_bookings: bool = False
    payment_notice: str = ""
    payment_notice_until: datetime | None = None
    theme_digest: str = ""

    @property
    def theme_ref(self) -> str:
        """What it wears, for `themes.shelf.find_package`: a version stays until the owner takes another."""
        return f"{self.theme_package}@{self.theme_digest}" if self.theme_digest else self.theme_package

    @cached_property
    def search_path(self) -> bytes:
        """The path as PostgreSQL reports it. Never `public`: a missing table must fail, not read the operators'."""
        return f"{self.schema}, {EXTENSIONS_SCHEMA}".encode()

    @property
    def is_sandbox(self) -> bool:
        """Whether nothing here is real: no mail leaves, no money moves, nobody but the team and their guests looks in."""
        return self.sandbox_of is not None

    @property
    def is_ajar(self) -> bool:
        """Whether it is suspended and lets what is booked be seen and called off (`tenants.ajar`)."""
        return self.keeps_bookings and self.status == TenantStatus.SUSPENDED

    @property
    def payments_mode(self) -> PaymentsMode:
        """Whether what is paid here moves money."""
        return PaymentsMode.TEST if self.is_sandbox else PaymentsMode.LIVE

    @property
    def role(self) -> str:
        """The PostgreSQL role that stands in this schema and in no other (ADR 0008)."""
        return tenant_role(self.schema)

    @cached_property
    def limits(self) -> Limits:
        """The time-outs of the plan; asked for at each cursor."""
        return limits_of(self.plan)

    @cached_property
    def request_limits(self) -> RequestLimits:
        """How much its visitors may ask; looked at with each request."""
        return request_limits_of(self.plan)

    @property
    def schema_name(self) -> str:
        """The name django-tenants uses for `schema`."""
        return self.schema

    @property
    def language(self) -> str:
        return self.locale.split("-", maxsplit=1)[0]

    @property
    def key(self) -> str:
        """The tenant's part of cache keys, lock keys, socket groups and task headers."""
        return str(self.id)


@dataclass(frozen=True)
class PlatformScope:
    """Work on the operator's own tables; `reason` stands in the log."""

    reason: str
    limits: Limits = UNLIMITED
    database: str = DEFAULT

    schema = PUBLIC_SCHEMA
    schema_name = PUBLIC_SCHEMA
    key = "platform"
    cache_generation = 0
    search_path = f"{PUBLIC_SCHEMA}, {EXTENSIONS_SCHEMA}".encode()

    @property
    def role(self) -> str:
        return platform_role()


@dataclass(frozen=True)
class OwnerScope(PlatformScope):
    """Work of the owner of everything: schemas made and dropped, the platform's tables migrated."""

    search_path = _owner_path(PUBLIC_SCHEMA)

    @property
    def role(self) -> str:
        return owner_role()


@dataclass(frozen=True)
class SchemaScope:
    """The owner's work in one schema: the template, one in the warm pool, a tenant's under migration."""

    schema: str
    reason: str
    limits: Limits = UNLIMITED
    database: str = DEFAULT

    cache_generation = 0

    @property
    def role(self) -> str:
        return owner_role()

    @property
    def schema_name(self) -> str:
        return self.schema

    @property
    def key(self) -> str:
        return f"schema:{self.schema}"

    @cached_property
    def search_path(self) -> bytes:
        return _owner_path(self.schema)


Scope = TenantContext | PlatformScope | SchemaScope
