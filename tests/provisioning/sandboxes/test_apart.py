"""A sandbox and its marketplace, whose rows have the same ids, open nothing of each other."""

from __future__ import annotations

import pytest

from provisioning.archives.contents import LEFT_BEHIND
from shared_apps.rest.keys import find_live
from shared_apps.rest.types import KeyKind
from tenant_apps.api.models import ApiKey
from tenant_apps.api.services import create_key
from tenant_apps.bookings.errors import NoSuchBooking
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors.links import booking_behind_link, manage_token
from tenant_apps.members.errors import InvitationUnknown
from tenant_apps.members.models import Invitation
from tenant_apps.members.selectors import invitation_by_token, invitation_link
from tenants.scope import tenant_scope
from tests.provisioning.archives.importing import rows
from tests.provisioning.organizations import SYSTEM
from tests.provisioning.sandboxes.making import cloned

pytestmark = pytest.mark.usefixtures("silent")

SECRET = sorted(LEFT_BEHIND.keys() - {"django_migrations"})


def test_nothing_that_opens_a_door_came_along(market):
    held = {table for table in SECRET if rows(market.schema, table)}

    sandbox = cloned(market)

    assert held >= {"mfa_authenticator", "django_session", "api_apikey"}
    assert [table for table in SECRET if rows(sandbox.schema, table)] == []


def test_no_link_of_the_one_leads_anywhere_in_the_other(market):
    sandbox = cloned(market)

    for here, there in ((market, sandbox), (sandbox, market)):
        with tenant_scope(here):
            booking = Booking.objects.booked().earliest("pk")
            token = manage_token(booking)
            invitation = Invitation.objects.filter(accepted_at=None, revoked_at=None).earliest("pk")
            link = invitation_link(invitation.public_id).rstrip("/").rpartition("/")[2]
            assert booking_behind_link(token)[0] == booking
        with tenant_scope(there):
            assert Booking.objects.filter(public_id=booking.public_id).exists()
            with pytest.raises(NoSuchBooking):
                booking_behind_link(token)
            with pytest.raises(InvitationUnknown):
                invitation_by_token(link)


def test_no_key_of_the_one_is_one_in_the_other(market):
    sandbox = cloned(market)

    for here, there in ((market, sandbox), (sandbox, market)):
        with tenant_scope(here):
            text = create_key(actor=SYSTEM, name="Website", scopes=["bookings:read"]).text
            assert find_live(ApiKey.objects.all(), text, KeyKind.TENANT) is not None
        with tenant_scope(there):
            assert find_live(ApiKey.objects.all(), text, KeyKind.TENANT) is None
