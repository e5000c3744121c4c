"""What owners are told when an operator takes their marketplace out of service, and puts it back."""

from __future__ import annotations

import pytest
from django.core import mail

from kernel import clock
from kernel.errors import NotServedNow
from provisioning.suspending import write_to_owners_of_resumed, write_to_owners_of_suspended
from shared_apps.accounts.models import User
from shared_apps.console.events import OrganizationResumed, OrganizationSuspended
from shared_apps.console.services import resume_organization, suspend_organization
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member
from tests.provisioning.organizations import SYSTEM

pytestmark = pytest.mark.django_db

WORDS = "Your card was refused. Send us a new one."


@pytest.fixture
def owners(alpha, beta) -> None:
    """Two of alpha's, of whom one reads German, a provider of alpha's, and an owner of beta's."""
    with tenant_scope(alpha):
        make_member("ann@alpha.example", "owner")
        make_member("ben@alpha.example", "owner")
        make_member("pat@alpha.example", "provider")
        User.objects.filter(email="ben@alpha.example").update(language="de")
    with tenant_scope(beta):
        make_member("bea@beta.example", "owner")


def suspended(words: str = WORDS) -> OrganizationSuspended:
    with platform_scope(reason="test"):
        suspend_organization(
            actor=SYSTEM, tenant_id=ALPHA_ID, confirmed_name="alpha", reason="third dunning letter", words_for_owners=words
        )
    return OrganizationSuspended(ALPHA_ID, at=clock.now())


def resumed() -> OrganizationResumed:
    with platform_scope(reason="test"):
        resume_organization(actor=SYSTEM, tenant_id=ALPHA_ID, confirmed_name="alpha")
    return OrganizationResumed(ALPHA_ID, at=clock.now())


def recipients() -> list[str]:
    return [letter.to[0] for letter in mail.outbox]


def test_each_owner_gets_one_letter_with_the_operators_words_and_whom_to_ask(owners, settings):
    event = suspended()

    write_to_owners_of_suspended(event)
    write_to_owners_of_suspended(event)

    assert recipients() == ["ann@alpha.example", "ben@alpha.example"]
    letter = mail.outbox[0]
    assert WORDS in letter.body
    assert "third dunning letter" not in letter.body
    assert f"{settings.PLATFORM_URL}/account/standing/alpha/" in letter.body
    assert letter.reply_to == ["hello@localhost"]
    assert "hello@localhost" in letter.body


def test_each_suspension_has_a_letter_of_its_own(owners):
    write_to_owners_of_suspended(suspended())
    resumed()

    write_to_owners_of_suspended(suspended("Once more."))

    assert recipients().count("ann@alpha.example") == 2
    assert "Once more." in mail.outbox[-1].body
    assert WORDS not in mail.outbox[-1].body


def test_who_is_in_service_again_hears_nothing_of_the_suspension(owners):
    event = suspended()
    resumed()

    write_to_owners_of_suspended(event)

    assert mail.outbox == []


def test_owners_hear_that_it_is_back(owners):
    suspended()
    event = resumed()

    write_to_owners_of_resumed(event)
    write_to_owners_of_resumed(event)

    assert recipients() == ["ann@alpha.example", "ben@alpha.example"]
    assert "back in service" in mail.outbox[0].subject
    assert "/enter/" in mail.outbox[0].body


def test_who_comes_back_into_quarantine_hears_when_its_pages_are_there(owners):
    suspended()
    event = resumed()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(status="maintenance")

    with pytest.raises(NotServedNow):
        write_to_owners_of_resumed(event)

    assert mail.outbox == []


def test_who_was_suspended_again_hears_nothing_of_the_return(owners):
    suspended()
    event = resumed()
    suspended()

    write_to_owners_of_resumed(event)

    assert mail.outbox == []


def test_an_organization_that_is_gone_is_written_to_by_nobody(owners):
    event = suspended()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(status="erased")

    write_to_owners_of_suspended(event)
    write_to_owners_of_resumed(OrganizationResumed(ALPHA_ID, at=event.at))

    assert mail.outbox == []
