"""The matrix of who may do what, written out once more by hand."""

import pytest

from tenant_apps.members.rules import CAPABILITIES, TO_GRANT, capabilities_of, landing_path_of, names_of
from tenant_apps.members.types import Role

OWNER, MANAGER, PROVIDER, CUSTOMER = Role.OWNER, Role.MANAGER, Role.PROVIDER, Role.CUSTOMER
STAFF = {OWNER, MANAGER, PROVIDER}
MATRIX = {
    "account.view": set(Role),
    "bookings.create": set(Role),
    "bookings.manage_booked": set(Role),
    "backoffice.enter": STAFF,
    "providers.edit_own": STAFF,
    "services.edit_own": STAFF,
    "availability.edit_own": STAFF,
    "bookings.view_own": STAFF,
    "bookings.confirm_own": STAFF,
    "bookings.cancel_own": STAFF,
    "members.view": {OWNER, MANAGER},
    "providers.view_all": {OWNER, MANAGER},
    "providers.invite": {OWNER, MANAGER},
    "providers.edit": {OWNER, MANAGER},
    "categories.edit": {OWNER, MANAGER},
    "services.edit": {OWNER, MANAGER},
    "availability.edit": {OWNER, MANAGER},
    "bookings.view_all": {OWNER, MANAGER},
    "bookings.confirm": {OWNER, MANAGER},
    "bookings.cancel": {OWNER, MANAGER},
    "customers.view": {OWNER, MANAGER},
    "reports.view": {OWNER, MANAGER},
    "members.manage": {OWNER},
    "settings.edit": {OWNER},
    "theme.edit": {OWNER},
    "domains.edit": {OWNER},
    "plan.manage": {OWNER},
    "marketplace.close": {OWNER},
    "data.export": {OWNER},
    "isolation.test": {OWNER},
}


@pytest.mark.parametrize("capability", sorted(MATRIX))
def test_exactly_these_roles_may(capability):
    assert {role for role in Role if capability in capabilities_of([role])} == MATRIX[capability]


def test_the_matrix_names_every_capability():
    assert set().union(*CAPABILITIES.values()) == set(MATRIX)


def test_several_roles_add_up():
    assert capabilities_of([PROVIDER, MANAGER]) == capabilities_of([PROVIDER]) | capabilities_of([MANAGER])


def test_nobody_is_invited_as_a_customer():
    assert set(TO_GRANT) == STAFF


@pytest.mark.parametrize(
    ("roles", "path"), [([], "/account/"), ([CUSTOMER], "/account/"), ([PROVIDER], "/manage/"), (STAFF, "/manage/")]
)
def test_where_people_land(roles, path):
    assert landing_path_of(roles) == path


@pytest.mark.parametrize(("full", "parts"), [("Ada Byron King", ("Ada", "Byron King")), (" Ada ", ("Ada", "")), ("", ("", ""))])
def test_names_are_guessed(full, parts):
    assert names_of(full) == parts
