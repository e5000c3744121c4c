"""The registry, in the public schema: organizations, their host names, and names that may not come back yet."""

from __future__ import annotations

import secrets
from typing import Any, Final, NoReturn

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils import timezone
from django_tenants.models import TenantMixin

from kernel.ids import new_id
from tenants.clusters import DEFAULT
from tenants.context import TenantContext
from tenants.errors import TenancyError
from tenants.querysets import skeleton_of
from tenants.rules_hosts import CANONICAL
from tenants.scope import platform_scope
from tenants.stamp import ScopedModel
from tenants.types import DomainState, PaymentNotice, TenantStatus, served_status

_WORDS: Final = ArrayField(models.CharField(max_length=12))


def new_storage_prefix() -> str:
    """A random folder name: a file's address tells nothing of its owner."""
    return secrets.token_hex(12)


class Tenant(TenantMixin, ScopedModel):  # type: ignore[misc]  # django-tenants is untyped
    """One organization. Its schema's name is generated from its id, never from its slug, and never used again."""

    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    status = models.CharField(max_length=16, choices=TenantStatus, default=TenantStatus.PROVISIONING)
    kind = models.CharField(max_length=32)
    plan_code = models.CharField(max_length=32)
    # Which version of the plan: a newer one is for newcomers, until an operator moves who is here (ADR 0021).
    plan_version = models.PositiveIntegerField(default=1, db_default=1)
    # On whose words it is suspended (`SuspendedBy`), or will be once it is opened again. Written by `tenants.suspending` alone,
    # and with it whether what is booked can still be seen and called off (`tenants.ajar`).
    suspended_by = ArrayField(models.CharField(max_length=12), default=list, db_default=Value([], _WORDS), blank=True)
    keeps_bookings = models.BooleanField(default=False, db_default=False)
    # What the version, and add-ons, give. A copy, since a request never reads `public`.
    entitlements = models.JSONField(default=dict)
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    # What its staff's pages say about paying, and until when. Copied from billing, as the entitlements from the plan.
    payment_notice = models.CharField(max_length=12, choices=PaymentNotice, blank=True, default="", db_default="")
    payment_notice_until = models.DateTimeField(null=True, blank=True)
    locale = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    theme_package = models.CharField(max_length=32)
    # Which version of it (ADR 0026); empty only until `setup` has looked.
    theme_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    theme_tokens = models.JSONField(default=dict)
    theme_hash = models.CharField(max_length=64, blank=True)
    # Whose pictures are drawn and may be linked; `themes.publishing.kit_key` says whether they are of today's look.
    brand_kit = models.CharField(max_length=12, blank=True, default="", db_default="")
    vocabulary = models.JSONField(default=dict)
    content = models.JSONField(default=dict)
    storage_prefix = models.CharField(max_length=24, unique=True, default=new_storage_prefix)
    schema_version = models.CharField(max_length=32, blank=True)
    # The version before: the last step only added to the schema, so code of that version runs on it too (ADR 0010).
    schema_base = models.CharField(max_length=32, blank=True, default="", db_default="")
    # The cluster that the schema stands in (ADR 0015), and since when nobody writes there: it is being moved to another.
    database = models.CharField(max_length=30, default=DEFAULT, db_default=DEFAULT)
    writes_paused_at = models.DateTimeField(null=True, blank=True)
    cache_generation = models.PositiveIntegerField(default=0)
    # Whose sandbox this is. Written once, when the row is: were it ever taken away, a copy's mails would reach people. So the
    # organization that it came from cannot go before it.
    sandbox_of = models.ForeignKey(
        "self", on_delete=models.DO_NOTHING, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    owner_email = models.EmailField()
    # While it is closing (`tenants.closing`): since when, when it is erased, and what it was before.
    closing_since_at = models.DateTimeField(null=True, blank=True)
    erases_at = models.DateTimeField(null=True, blank=True)
    closed_from = models.CharField(max_length=16, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("slug"), name="tenant_slug_unique"),
            models.CheckConstraint(condition=models.Q(schema_name__regex=r"^t_[0-9a-f]{32}$"), name="tenant_schema_generated"),
            # Its index is the one for the look from the other end, too.
            models.UniqueConstraint("sandbox_of", name="tenant_one_sandbox"),
        ]

    def as_context(self) -> TenantContext:
        """The immutable view of this row that a request works with (one query when the domains are not loaded)."""
        # Whatever the others redirect to has a certificate, or people would be locked out of the page that chooses another.
        primary = (domain.host for domain in self.domains.all() if domain.is_primary and domain.state == DomainState.LIVE)
        host = next(primary, f"{self.slug}.{settings.PLATFORM_DOMAIN}")
        source = self._source()
        return TenantContext(
            id=self.id,
            schema=self.schema_name,
            slug=self.slug,
            name=self.name,
            status=served_status(self.status, status_of_source=source and source.status),
            kind=self.kind,
            plan=self.plan_code,
            plan_version=self.plan_version,
            entitlements=self.entitlements,
            primary_host=host,
            base_url=f"{settings.PUBLIC_SCHEME}://{host}{settings.PUBLIC_PORT_SUFFIX}",
            locale=self.locale,
            currency=self.currency,
            time_zone=self.time_zone,
            theme_package=self.theme_package,
            theme_digest=self.theme_digest,
            theme_tokens=self.theme_tokens,
            theme_hash=self.theme_hash,
            brand_kit=self.brand_kit,
            storage_prefix=self.storage_prefix,
            schema_version=self.schema_version,
            schema_base=self.schema_base,
            cache_generation=self.cache_generation,
            database=self.database,
            is_read_only=self.writes_paused_at is not None,
            vocabulary=self.vocabulary,
            content=self.content,
            sandbox_of=self.sandbox_of_id,
            keeps_bookings=self.keeps_bookings,
            sandbox_of_name=source.name if source else "",
            payment_notice=self.payment_notice,
            payment_notice_until=self.payment_notice_until,
        )

    def _source(self) -> Tenant | None:
        """Whose sandbox this is; one query more for sandboxes only, whoever's scope this is asked in."""
        if self.sandbox_of_id is None:
            return None
        with platform_scope(reason="a sandbox's source"):
            return self.sandbox_of

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:  # Any: whatever the library's callers pass
        # The library's stack of tenants is one list on the class: with threads it gives back the wrong one.
        raise TenancyError("Enter a tenant with tenants.scope.tenant_scope(tenant), the only door.")

    __enter__ = __exit__ = activate = deactivate = create_schema = _refuse


class Resident(ScopedModel):
    """On a cluster without the registry: whose schema this is, for the doors of its outbox. Written before it is lived in."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    tenant_id = models.UUIDField()


class Domain(ScopedModel):
    """A host name that is answered for, and by whom. `host` is the lower-case A-label, without a port."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="domains")
    host = models.CharField(max_length=253, unique=True)
    is_primary = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=DomainState, default=DomainState.VERIFIED)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("tenant", condition=models.Q(is_primary=True), name="domain_one_primary"),
            models.CheckConstraint(condition=models.Q(host__regex=CANONICAL), name="domain_host_canonical"),
        ]


class ReservedName(ScopedModel):
    """A slug in use, from the moment somebody asks for it (before there is a tenant) until it is released.

    `holder` is what asked for it. The constraint decides between people who ask at the same moment for one name, or for two
    that can be mistaken for each other.
    """

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=40)
    holder = models.UUIDField(unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(skeleton_of("slug"), name="reserved_name_no_look_alike"),
        ]


class ReleasedName(ScopedModel):
    """A slug given up: nobody gets it before `free_at`, so that old links never reach a stranger.

    Brought domains are not kept back (ADR 0009): they belong to whoever has their zone.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=253, unique=True)
    tenant_id = models.UUIDField()
    released_at = models.DateTimeField(default=timezone.now)
    free_at = models.DateTimeField()


class TrafficCounts(ScopedModel):
    """What was asked of a tenant (`tenants.traffic.types.Traffic` says what is counted how).

    Without a foreign key: a process that still has counts of an erased tenant must not lose everybody's in one statement.
    """

    requests = models.BigIntegerField()
    redirects = models.BigIntegerField()
    client_errors = models.BigIntegerField()
    server_errors = models.BigIntegerField()
    throttled = models.BigIntegerField()
    busy_milliseconds = models.BigIntegerField()
    api_calls = models.BigIntegerField(default=0, db_default=0)
    mails = models.BigIntegerField(default=0, db_default=0)
    latency = ArrayField(models.BigIntegerField())

    class Meta:
        abstract = True


class TrafficBucket(TrafficCounts):
    """Five minutes of a tenant, written by `tenants.traffic.writing` alone and kept for eight days."""

    pk = models.CompositePrimaryKey("tenant_id", "began_at")
    tenant_id = models.UUIDField()
    began_at = models.DateTimeField(db_index=True)


class SlowStatement(ScopedModel):
    """How often a statement of a tenant took long in a quarter of an hour, written by `tenants.traffic.slow_writing` alone.

    `text` has no values in it; without a foreign key, as above.
    """

    pk = models.CompositePrimaryKey("tenant_id", "began_at", "digest")
    tenant_id = models.UUIDField()
    began_at = models.DateTimeField(db_index=True)
    digest = models.CharField(max_length=16)
    text = models.CharField(max_length=500)
    count = models.BigIntegerField()
    worst_milliseconds = models.BigIntegerField()
    last_seen_at = models.DateTimeField()


class TrafficTotal(TrafficCounts):
    """All that was ever asked of a tenant: what metrics count, which never goes down.

    `is_named` is decided with the first request and for good: whether metrics show it by itself, or among the others.
    """

    tenant_id = models.UUIDField(primary_key=True)
    is_named = models.BooleanField()
