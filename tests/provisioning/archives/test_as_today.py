"""Who works here, how they sign in and what was withdrawn stays as it is today, by a swap and by its undo."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction

from provisioning.archives.carrying import carry_over, providers_without_profile
from provisioning.archives.contents import COLUMNS_AS_TODAY, TABLES_AS_TODAY
from provisioning.schemas.catalog import read_catalog
from provisioning.steps.loading import template_catalog
from shared_apps.accounts.models import User
from tenant_apps.api.models import ApiKey
from tenant_apps.members.models import Invitation, Membership
from tenant_apps.members.types import Role
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tests.factories.tenants import BETA_ID
from tests.provisioning.archives.conftest import NAMES, NOW, context_of
from tests.provisioning.archives.swaps import restored, snapshot_of, swapped, undone

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def living(market) -> Generator[TenantContext]:
    """Alpha as it is today; beta, its twin down to the ids, is what takes its place. All is taken back after the test."""
    with transaction.atomic():
        yield market
        transaction.set_rollback(True)


@pytest.fixture
def other(living) -> TenantContext:
    return context_of(BETA_ID)


def _carry(living: TenantContext, other: TenantContext) -> None:
    carry_over(living.schema, other.schema, template_catalog())


def _owner() -> User:
    return User.objects.get(email=NAMES.email("owner"))


def test_passwords_addresses_and_who_is_shut_out_are_as_today(living, other):
    with tenant_scope(living):
        User.objects.filter(pk=_owner().pk).update(
            email="moved@example.com", password="md5$chosen$since", is_active=False, session_epoch=7
        )

    _carry(living, other)

    with tenant_scope(other):
        found = User.objects.get(email="moved@example.com")
        assert (found.password, found.is_active, found.session_epoch) == ("md5$chosen$since", False, 7)
        assert not User.objects.filter(email=NAMES.email("owner")).exists()


def test_two_who_changed_addresses_with_each_other_keep_them(living, other):
    emails = [NAMES.email("owner"), NAMES.email("owner-alpha")]
    with tenant_scope(living):
        first, second = (User.objects.get(email=email) for email in emails)
        User.objects.filter(pk=first.pk).update(email="on-the-way@example.com")
        User.objects.filter(pk=second.pk).update(email=emails[0])
        User.objects.filter(pk=first.pk).update(email=emails[1])

    _carry(living, other)

    with tenant_scope(other):
        assert [User.objects.get(email=email).pk for email in emails] == [second.pk, first.pk]


def test_a_role_that_was_taken_away_does_not_come_back_and_one_that_was_given_stays(living, other):
    with tenant_scope(living):
        owner, customer = _owner(), User.objects.exclude(memberships__isnull=False).first()
        Membership.objects.filter(user=owner, role=Role.OWNER).delete()
        Membership.objects.create(user=customer, role=Role.OWNER)
        rows = set(Membership.objects.values_list("user_id", "role"))

    _carry(living, other)

    with tenant_scope(other):
        assert set(Membership.objects.values_list("user_id", "role")) == rows


def test_an_owner_who_came_since_is_there_with_address_and_second_factor(living, other):
    with tenant_scope(living):
        person = User.objects.create(email="came@example.com", password="md5$her$own")
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        Authenticator.objects.create(user=person, type="totp", data={"secret": "hers"})
        Membership.objects.create(user=person, role=Role.OWNER)

    _carry(living, other)

    with tenant_scope(other):
        found = User.objects.get(public_id=person.public_id)
        assert (found.pk, found.password) == (person.pk, "md5$her$own")
        assert EmailAddress.objects.get(user=found).verified
        assert Authenticator.objects.get(user=found).data == {"secret": "hers"}
        assert Membership.objects.get(user=found).role == Role.OWNER


def test_somebody_who_is_gone_comes_back_without_rights_and_without_an_address_that_is_anothers_now(living, other):
    with tenant_scope(other):
        gone = User.objects.create(email="shared@example.com", password="md5$old$one")
        EmailAddress.objects.create(user=gone, email=gone.email, verified=True, primary=True)
        Membership.objects.create(user=gone, role=Role.MANAGER)
    with tenant_scope(living):
        User.objects.filter(pk=_owner().pk).update(email="shared@example.com")

    _carry(living, other)

    with tenant_scope(other):
        found = User.objects.get(pk=gone.pk)
        assert (found.email, found.is_active) == (f"former-{gone.public_id}@address.invalid", False)
        assert User.objects.get(email="shared@example.com").pk != gone.pk
        assert not EmailAddress.objects.filter(user=gone).exists()
        assert not Membership.objects.filter(user=gone).exists()


def test_an_invitation_that_was_withdrawn_or_answered_opens_nothing_again(living, other):
    made = {"role": Role.MANAGER, "expires_at": NOW + timedelta(days=14)}
    with tenant_scope(living):
        withdrawn = Invitation.objects.create(email="one@example.com", revoked_at=NOW, **made)
        answered = Invitation.objects.create(email="two@example.com", accepted_at=NOW, **made)
        waiting = Invitation.objects.create(email="three@example.com", **made)
    with tenant_scope(other):
        for invitation in (withdrawn, answered, waiting):
            Invitation.objects.create(public_id=invitation.public_id, email=invitation.email, **made)

    _carry(living, other)

    with tenant_scope(other):
        ids = [invitation.public_id for invitation in (withdrawn, answered, waiting)]
        found = {row.public_id: (row.accepted_at, row.revoked_at) for row in Invitation.objects.filter(public_id__in=ids)}
        assert [found[public_id] for public_id in ids] == [(None, NOW), (NOW, None), (None, None)]


def test_keys_are_todays_and_nobody_is_signed_in(living, other):
    with tenant_scope(living):
        ApiKey.objects.all().delete()
        ApiKey.objects.create(name="Made since", scopes=[], secret_hash="a" * 64, hint="abcd", created_by="owner")
    with tenant_scope(other):
        ApiKey.objects.create(name="Withdrawn since", scopes=[], secret_hash="b" * 64, hint="abcd", created_by="owner")
        Session.objects.create(session_key="s" * 32, session_data="x", expire_date=NOW)

    _carry(living, other)

    with tenant_scope(other):
        assert [key.name for key in ApiKey.objects.all()] == ["Made since"]
        assert not Session.objects.exists()


def test_who_is_no_provider_any_more_is_not_on_sale_and_who_became_one_is_told_of(living, other):
    with tenant_scope(living):
        left = Provider.objects.filter(user__isnull=False, status=ProviderStatus.LIVE).first()
        Membership.objects.filter(user_id=left.user_id, role=Role.PROVIDER).delete()
        Provider.objects.filter(pk=left.pk).update(status=ProviderStatus.PAUSED)
        came = User.objects.create(email="came@example.com")
        Membership.objects.create(user=came, role=Role.PROVIDER)

    _carry(living, other)

    with tenant_scope(other):
        assert Provider.objects.get(public_id=left.public_id).status == ProviderStatus.PAUSED
    assert came.pk in providers_without_profile(other.schema)


def test_carrying_over_twice_changes_nothing_more(living, other):
    _carry(living, other)
    with tenant_scope(other):
        before = list(User.objects.order_by("pk").values()), list(Membership.objects.order_by("pk").values())

    _carry(living, other)

    with tenant_scope(other):
        assert (list(User.objects.order_by("pk").values()), list(Membership.objects.order_by("pk").values())) == before


def test_what_is_as_today_is_named_by_columns_that_there_are(market):
    columns = {(column.table, column.name) for column in read_catalog(market.schema).columns}

    assert {(table, name) for table, names in COLUMNS_AS_TODAY.items() for name in names} <= columns
    assert {table for table, _name in columns} >= TABLES_AS_TODAY


def test_an_undo_brings_nothing_back_that_was_withdrawn_since_the_swap(shop):
    """The way back: what stood there before has its passwords, keys and sessions still."""
    with tenant_scope(shop):
        ApiKey.objects.create(name="Withdrawn later", scopes=[], secret_hash="a" * 64, hint="abcd", created_by="owner")
        Session.objects.create(session_key="s" * 32, session_data="x", expire_date=NOW)
    swap = swapped(restored(snapshot_of(shop)))
    with tenant_scope(context_of(shop.id)):
        ApiKey.objects.all().delete()
        User.objects.filter(pk=_owner().pk).update(password="md5$chosen$later", is_active=False)
        Membership.objects.filter(user=_owner()).delete()

    undone(swap)

    assert context_of(shop.id).schema == shop.schema
    with tenant_scope(shop):
        assert (ApiKey.objects.count(), Session.objects.count()) == (0, 0)
        assert (_owner().password, _owner().is_active) == ("md5$chosen$later", False)
        assert not Membership.objects.filter(user=_owner()).exists()
