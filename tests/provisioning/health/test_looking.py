"""What a look into an organization's schema tells of its last months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from provisioning.health.looking import look_into
from tenant_apps.notifications.models import SentMail
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_a_look_tells_the_mails_of_this_month_and_of_the_three_before(alpha):
    with tenant_scope(alpha):
        for number, at in enumerate((NOON, NOON - timedelta(days=30), NOON - timedelta(days=200))):
            when = dict.fromkeys(("created_at", "claimed_at", "sent_at"), at)
            SentMail.objects.create(key=f"k{number}", template="t", to="a@b.example", subject="s", **when)
    with platform_scope(reason="test"):
        tenants = list(Tenant.objects.filter(pk=ALPHA_ID))

    months = look_into(tenants, now=NOON)[ALPHA_ID].months

    assert [(month.month, month.mails, month.bookings) for month in months] == [
        ("2025-12-01", 0, 0),
        ("2026-01-01", 1, 0),
        ("2026-02-01", 0, 0),
        ("2026-03-01", 1, 0),
    ]
