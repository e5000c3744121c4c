"""The life of each domain that an organization brought along, and what changed about it.

The registry (`tenants.Domain`) has a row for a host only while it is answered for; this app says why it has one. Several
organizations may claim a host; the two unique constraints on held ones decide who gets it.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import models
from django.utils import timezone

from kernel.ids import format_public_id, new_id
from shared_apps.domains.rules.names import unicode_host
from shared_apps.domains.rules.states import HELD, release_at
from shared_apps.domains.types import DOMAIN_PREFIX, Aspect, ClaimState, Standing
from tenants.models import Tenant
from tenants.rules_hosts import CANONICAL
from tenants.stamp import ScopedModel


def new_token() -> str:
    """The text of a proof: another one for each attempt, so that a record left over from an earlier one proves nothing."""
    return secrets.token_hex(20)


class CustomDomain(ScopedModel):
    """One attempt of an organization at a host, from the claim to its end. A released one never comes back; a new one may.

    `host` is the canonical A-label, `look` what the eye keeps of its registered part. `findings` is what the doctor saw last:
    {aspect: [value, detail]}; `aspects_seen_at` says when, and `aspects_silent_since` since when nobody answers instead.
    `hint` is the state that a second look may confirm. `looking_until_at` is the lease of whoever looks just now, `asked_at`
    when somebody last pressed the button. `wants_primary` remembers the owner's choice while the domain is not live.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+")
    host = models.CharField(max_length=253)
    look = models.CharField(max_length=253, db_index=True)
    state = models.CharField(max_length=16, choices=ClaimState, default=ClaimState.CLAIMED)
    token = models.CharField(max_length=40, default=new_token)
    wants_primary = models.BooleanField(default=False)
    release_reason = models.CharField(max_length=16, blank=True)
    findings = models.JSONField(default=dict)
    aspects_seen_at = models.JSONField(default=dict, db_default={})
    aspects_silent_since = models.JSONField(default=dict, db_default={})
    state_since_at = models.DateTimeField(null=True)
    hint = models.CharField(max_length=16, choices=ClaimState, blank=True, default="", db_default="")
    hinted_at = models.DateTimeField(null=True)
    certificate_expires_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(default=timezone.now)
    claim_expires_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)
    live_at = models.DateTimeField(null=True)
    failing_since_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    looking_until_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "tenant", "host", condition=~models.Q(state=ClaimState.RELEASED), name="custom_domain_one_attempt"
            ),
            models.UniqueConstraint("host", condition=models.Q(state__in=HELD), name="custom_domain_one_holder"),
            models.CheckConstraint(condition=models.Q(state__in=ClaimState.values), name="custom_domain_state_known"),
            models.CheckConstraint(condition=models.Q(host__regex=CANONICAL), name="custom_domain_host_canonical"),
        ]
        indexes = [
            models.Index("next_check_at", condition=~models.Q(state=ClaimState.RELEASED), name="custom_domain_due"),
        ]

    @property
    def outside_id(self) -> str:
        """The id that addresses carry."""
        return format_public_id(DOMAIN_PREFIX, self.public_id)

    @property
    def shown_host(self) -> str:
        """The name as people read it."""
        return unicode_host(self.host)

    @property
    def standing(self) -> Standing:
        """What a decision needs to know of it."""
        return Standing(
            ClaimState(self.state),
            self.claim_expires_at,
            failing_since_at=self.failing_since_at,
            proven_at=self.proven_at,
            hint=ClaimState(self.hint) if self.hint else None,
            hinted_at=self.hinted_at,
            was_live=self.live_at is not None,
        )

    @property
    def releases_at(self) -> datetime | None:
        """When it is removed, unless the records that it lost come back; None for one that lost nothing."""
        return release_at(self.standing)


class DomainChange(ScopedModel):
    """One thing that was not as before. `before` is empty where nothing was known."""

    id = models.BigAutoField(primary_key=True)
    domain = models.ForeignKey(CustomDomain, on_delete=models.DB_CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    aspect = models.CharField(max_length=16, choices=Aspect)
    before = models.CharField(max_length=16, blank=True)
    after = models.CharField(max_length=16)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["domain", "-id"], name="domain_change_newest")]
