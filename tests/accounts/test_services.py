"""Writes about people that no page of their own shows."""

import pytest

from shared_apps.accounts import services
from shared_apps.accounts.errors import EmailTaken, WeakPassword
from shared_apps.accounts.events import CustomerVerified
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import has_verified_email, user_by_email
from shared_apps.accounts.services import get_or_create_user_for_email, mark_email_verified, register_user
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.events import published
from tests.factories.people import PASSWORD, make_user
from tests.factories.racing import after_everybody, drop_unique, race
from tests.factories.tenants import ALPHA_ID

EMAIL = "ada@twin.example"


def test_a_person_is_registered_unproved(in_alpha):
    user = register_user(email=" Ada@Twin.Example ", password=PASSWORD, first_name="Ada")

    assert user_by_email("ADA@twin.example") == user
    assert user.email == EMAIL
    assert user.check_password(PASSWORD)
    assert not has_verified_email(user)


def test_an_address_is_taken_whatever_its_letters(in_alpha):
    make_user(EMAIL)

    with pytest.raises(EmailTaken) as refusal:
        register_user(email="ADA@TWIN.EXAMPLE", password=PASSWORD)

    assert refusal.value.field == "email"
    assert User.objects.count() == 1


def test_a_password_like_the_address_is_refused(in_alpha):
    with pytest.raises(WeakPassword) as refusal:
        register_user(email="augusta.ada.king@twin.example", password="augusta.ada.king")

    assert refusal.value.field == "password"
    assert User.objects.count() == 0


def test_somebody_made_for_an_address_has_no_password(in_alpha):
    user = get_or_create_user_for_email(email=EMAIL, first_name="Ada")

    assert not user.has_usable_password()
    assert get_or_create_user_for_email(email=EMAIL.upper(), first_name="Another") == user
    assert User.objects.get().first_name == "Ada"


def test_an_address_is_proved_and_told_once(in_alpha):
    user = get_or_create_user_for_email(email=EMAIL)

    for _ in range(2):
        mark_email_verified(user=user)

    assert has_verified_email(user)
    assert published(CustomerVerified, tenant_id=in_alpha.id) == [CustomerVerified(user_id=user.pk, email=EMAIL)]


@pytest.mark.usefixtures("in_platform")
def test_the_platform_has_no_customers_to_tell():
    mark_email_verified(user=get_or_create_user_for_email(email=EMAIL))

    assert published(CustomerVerified) == []


def test_a_person_of_a_marketplace_can_be_deleted_though_other_tables_live_in_public_only(in_alpha):
    make_user(EMAIL).delete()

    assert User.objects.count() == 0


@pytest.mark.proves("races.people")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_racers_for_one_address_get_one_person(own_database, guarded, monkeypatch):
    """All have looked before one inserts; without the constraint (the negative control) each makes somebody."""
    alpha = context_for(ALPHA_ID)
    assert isinstance(alpha, TenantContext)
    monkeypatch.setattr(services, "user_by_email", after_everybody(6, services.user_by_email))
    if not guarded:
        drop_unique(alpha, "user_email_unique")

    results = race(6, lambda _number: get_or_create_user_for_email(email=EMAIL).pk, tenant=alpha)

    with tenant_scope(alpha):
        assert set(results) == set(User.objects.values_list("pk", flat=True))
        assert User.objects.count() == (1 if guarded else 6)


@pytest.mark.proves("races.people")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_racers_who_register_one_address_make_one_person(own_database, guarded):
    """Without the constraint (the negative control) each makes one."""
    alpha = context_for(ALPHA_ID)
    assert isinstance(alpha, TenantContext)
    if not guarded:
        drop_unique(alpha, "user_email_unique")

    results = race(6, lambda _number: register_user(email=EMAIL, password=PASSWORD), tenant=alpha)

    with tenant_scope(alpha):
        made = User.objects.count()
    assert made == (1 if guarded else 6)
    assert [type(result) for result in results].count(EmailTaken) == 6 - made
