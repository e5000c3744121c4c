"""What tests of people share: limits of their own, mails at once, events in the outbox."""

from __future__ import annotations

import uuid

import pytest

from tenant_apps.members.models import Invitation
from tenant_apps.members.selectors import invitation_link
from tenant_apps.members.services import invite_member
from tenant_apps.members.types import Role
from tenants.scope import tenant_scope
from tests.factories.events import send_account_mails
from tests.members.helpers import EMAIL, make_actor


@pytest.fixture(autouse=True)
def _own_limits(settings) -> None:
    """Limits live in Redis, which no transaction rolls back: each test counts under a prefix of its own."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}


@pytest.fixture(autouse=True)
def _outbox(settings) -> None:
    """Events wait in the outbox for the test to look at."""
    settings.EVENT_SUBSCRIPTIONS = "tests.factories.events.SUBSCRIPTIONS"


@pytest.fixture
def mails_leave(monkeypatch) -> None:
    """What waits for the commit happens at once: the test's own transaction never commits."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda function, **_: function())
    monkeypatch.setattr("kernel.wiring.ring_doorbell", send_account_mails)


@pytest.fixture
def invitation(alpha) -> Invitation:
    with tenant_scope(alpha):
        return invite_member(actor=make_actor("owner@twin.example", "owner"), email=EMAIL, name="Bea Stone", role=Role.PROVIDER)


@pytest.fixture
def path(alpha, invitation) -> str:
    with tenant_scope(alpha):
        link = invitation_link(invitation.public_id)
    assert link is not None
    return link.removeprefix(alpha.base_url)
