"""The rule for e-mail addresses finds each other way of comparing them, and nothing else."""

import pytest

from ops.lint.doors import SOURCES
from ops.lint.emails import check_source
from ops.lint.running import check_files
from ops.local.home import ROOT

BAD = [
    ("MAIL01", "Booking.objects.filter(email__iexact=typed)"),
    ("MAIL01", "Operator.objects.filter(user__email__iexact=typed)"),
    ("MAIL01", "Tenant.objects.exclude(owner_email__iexact=typed)"),
    ("MAIL01", "Booking.objects.filter(**{'email__iexact': typed})"),
    ("MAIL01", "Q(('user__email__iexact', typed))"),
    ("MAIL01", "Booking.objects.annotate(u=Upper('email'))"),
    ("MAIL02", "from django.core.validators import validate_email"),
    ("MAIL02", "validators.validate_email(typed)"),
    ("MAIL02", "EmailValidator()(typed)"),
    ("MAIL02", "self.normalize_email(typed)"),
    ("MAIL03", "email.strip().lower()"),
    ("MAIL03", "user.email.lower() == other"),
    ("MAIL03", "given['owner_email'].casefold()"),
]
GOOD = [
    "Booking.objects.filter(email_is(typed), live)",
    "Tenant.objects.filter(slug__iexact=slug)",
    "models.UniqueConstraint(Lower('email'), name='user_email_unique')",
    "Booking.objects.filter(email__icontains=word)",
    "name.lower()",
    "canonical_email(typed)",
]


@pytest.mark.parametrize(("code", "source"), BAD)
def test_another_way_of_comparing_addresses_is_found(code, source):
    findings = check_source(source, "tenant_apps/bookings/services.py")

    assert {finding.code for finding in findings} == {code}


@pytest.mark.parametrize("source", GOOD)
def test_the_right_way_and_what_is_no_address_are_left_alone(source):
    assert check_source(source, "tenant_apps/bookings/services.py") == []


def test_no_source_of_ours_compares_addresses_in_a_way_of_its_own():
    assert [str(finding) for finding in check_files(check_source, [ROOT / name for name in SOURCES])] == []
