"""An e-mail address has one form, and look-alikes are other people: who types another's letters gets nothing of theirs."""

from __future__ import annotations

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from kernel.actor import Actor
from kernel.emails import InvalidEmail, canonical_email, email_is, find_email, is_same_email
from kernel.errors import NotFound
from provisioning.saga.step import Work
from provisioning.steps.owner import CreateOwner
from provisioning.types import OrganizationRequest
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import owner_of_address, user_by_email
from shared_apps.accounts.services import get_or_create_user_for_email, register_user
from shared_apps.entry.models import Ownership
from shared_apps.operators.services import appoint_operator, create_operator_key
from shared_apps.operators.types import OperatorRole
from tenants.scope import platform_scope, tenant_scope
from tests.factories.people import PASSWORD, is_signed_in, make_user, sign_in
from tests.factories.tenants import ALPHA_ID

REAL = "ceo@gmail.com"
# The third letter of the domain is a dotless ı: another name in DNS, and the same one to PostgreSQL's UPPER.
LOOK_ALIKE = "ceo@gma\u0131l.com"
ENCODED = "ceo@xn--gmal-nza.com"
SYSTEM = Actor.system("test")


# --- the one form


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        ("  Fiona@Gmail.com ", "fiona@gmail.com"),
        (LOOK_ALIKE, ENCODED),
        (ENCODED.upper(), ENCODED),
        ("a@stra\u00dfe.example", "a@xn--strae-oqa.example"),  # not strasse.example, as older rules have it
        ("a@\uff47mail.com", "a@gmail.com"),  # what every resolver maps to the plain name
        ("a@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@ab--cd.example", "a@ab--cd.example"),
        ("ann@localhost", "ann@localhost"),
    ],
)
def test_an_address_has_one_form(raw, form):
    assert canonical_email(raw) == form
    assert canonical_email(form) == form


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "fiona",
        "@gmail.com",
        "fiona@",
        "fiona@gmail",
        "f\u0131ona@gmail.com",  # no server of ours speaks SMTPUTF8
        "\u212aate@gmail.com",  # the Kelvin sign, whose lower case is a plain k
        "fiona@xn--a.com",
        "fio na@gmail.com",
        "fiona@gmail.com, mallory@gmail.com",
        "fiona\0@gmail.com",
        "x" * 240 + "@customer.example",
    ],
)
def test_what_mail_cannot_be_sent_to_is_refused_and_found_nowhere(raw):
    with pytest.raises(InvalidEmail) as refusal:
        canonical_email(raw, field="owner_email")

    assert refusal.value.field == "owner_email"
    assert find_email(raw) is None
    assert not is_same_email(raw, raw)


@given(st.text(alphabet="aiks.\u0131\u017f\u212a\u0130\u00df-", min_size=1, max_size=12), st.sampled_from(["com", "example"]))
def test_a_form_is_plain_so_that_every_way_of_folding_agrees(name, ending):
    email = find_email(f"a@{name}.{ending}")

    assert email is None or (email.isascii() and email == email.lower() and find_email(email) == email)


# --- who is whom


def test_rows_are_found_in_whatever_case_they_were_stored_and_no_look_alike_with_them(in_alpha):
    stored = User.objects.create_user(REAL)
    User.objects.filter(pk=stored.pk).update(email="CEO@Gmail.com")

    assert user_by_email(" ceo@GMAIL.com ") == stored
    assert user_by_email(LOOK_ALIKE) is None
    assert user_by_email("no address") is None
    assert not User.objects.exclude(email_is(REAL)).filter(pk=stored.pk).exists()


def test_the_comparison_that_was_takes_the_look_alike_for_the_real_one(in_alpha):
    User.objects.create_user(REAL)

    assert User.objects.filter(email__iexact=LOOK_ALIKE).exists()


def test_a_look_alike_signs_up_as_somebody_else(in_alpha):
    real, other = make_user(REAL), register_user(email=LOOK_ALIKE, password=PASSWORD)

    assert (real.email, other.email) == (REAL, ENCODED)
    assert get_or_create_user_for_email(email=LOOK_ALIKE) == other
    assert get_or_create_user_for_email(email=REAL) == real
    assert owner_of_address(REAL) == real
    assert owner_of_address(LOOK_ALIKE) is None


@pytest.mark.usefixtures("mails_leave")
def test_the_page_of_sign_up_keeps_and_writes_to_the_one_form(alpha, alpha_client):
    with tenant_scope(alpha):
        make_user(REAL)
    form = {"first_name": "Mal", "last_name": "Lory", "email": LOOK_ALIKE, "password1": PASSWORD}

    alpha_client.post("/accounts/signup/", form)

    assert [message.to for message in mail.outbox] == [[ENCODED]]
    with tenant_scope(alpha):
        assert sorted(User.objects.values_list("email", flat=True)) == sorted([REAL, ENCODED])


@pytest.mark.usefixtures("mails_leave")
def test_a_forgotten_password_is_written_to_the_one_form_of_what_was_typed(alpha, alpha_client):
    with tenant_scope(alpha):
        make_user(REAL)
        make_user(LOOK_ALIKE)

    alpha_client.post("/accounts/password/reset/", {"email": LOOK_ALIKE})

    assert [message.to for message in mail.outbox] == [[ENCODED]]


def test_whoever_types_their_own_letters_signs_in(alpha, alpha_client):
    with tenant_scope(alpha):
        make_user(LOOK_ALIKE)

    sign_in(alpha_client, LOOK_ALIKE)

    assert is_signed_in(alpha_client)


def test_nobody_signs_in_under_an_address_that_is_none(alpha, alpha_client):
    with tenant_scope(alpha):
        make_user("fiona@gmail.com")

    sign_in(alpha_client, "f\u0131ona@gmail.com")

    assert not is_signed_in(alpha_client)


# --- on the platform


def test_a_marketplace_goes_to_its_founder_and_to_no_look_alike_who_was_there_first(alpha):
    with platform_scope(reason="test"):
        mallory = make_user(LOOK_ALIKE)
        request = OrganizationRequest(
            slug="alpha", name="Alpha", owner_email=REAL, blueprint="tutoring", plan_code="studio", owner_name="Chi Oh"
        )

        CreateOwner().do(Work(run_pk=1, run_id=ALPHA_ID, request=request, tenant_id=ALPHA_ID))

        [ownership] = Ownership.objects.filter(tenant_id=ALPHA_ID).select_related("user")
        assert ownership.user.email == REAL
        assert not Ownership.objects.filter(user=mallory).exists()


def test_an_operators_key_is_made_for_no_look_alike(in_platform):
    appoint_operator(actor=SYSTEM, email=REAL, password=PASSWORD, role=OperatorRole.ADMIN)

    with pytest.raises(NotFound):
        create_operator_key(actor=SYSTEM, email=LOOK_ALIKE, name="mine", scopes=[])
